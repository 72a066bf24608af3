#pragma once
/// \file  Which commands and options there are and what each is for. Named by the command-line
/// library's App, whose own header stays in the .cc files: it is a heavy one.

#include <memory>

#include "cli/line/command_line.h"

namespace CLI {  // NOLINT(readability-identifier-naming): CLI11's
class App;
}

namespace streamhouse::cli {

/// A grammar whose parse fills `line`, which outlives it.
std::unique_ptr<CLI::App> make_grammar(CommandLine& line);

/// Its two largest parts.
void add_produce(CLI::App& root, CommandLine& line);
void add_consume(CLI::App& root, CommandLine& line);

}  // namespace streamhouse::cli
