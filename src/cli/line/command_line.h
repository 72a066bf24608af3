#pragma once
/// \file  From the words of the command line to a command, a help text or a usage error; pure apart
/// from asking whether an input file can be read.

#include <string>
#include <variant>
#include <vector>

#include "cli/commands.h"
#include "cli/line/description.h"

namespace streamhouse::cli {

struct CommandLine {
  GlobalOptions global;
  Command command;
};
/// For stdout, after --help or --version.
struct HelpText {
  std::string text;
};
struct UsageError {
  std::string text;     ///< Names the word that was wrong, and the help that says more.
  OutputFormat output;  ///< As far as the words said.
};

/// `words` are those behind the program's name; `server` is STREAMHOUSE_SERVER, empty = not set.
std::variant<CommandLine, HelpText, UsageError> parse_command_line(
    const std::vector<std::string>& words, const std::string& server);

/// The whole of streamctl; its options are the global ones.
CommandDescription describe_commands();

}  // namespace streamhouse::cli
