#pragma once
/// \file  What streamctl can do, as data: help and shell completion are both written from it, and
/// it from the grammar, so that neither can be stale.

#include <string>
#include <vector>

namespace streamhouse::cli {

/// An option, or an argument that stands without a name.
struct ArgumentDescription {
  std::string name;                 ///< `--output`, or `TOPIC`.
  std::string short_name;           ///< `-o`, or empty.
  std::string value_name;           ///< What it takes: `N`, `table|json`; empty = nothing.
  std::vector<std::string> values;  ///< All that it takes, where those are few.
  std::string description;
  bool required = false;
};

/// A command, or a group of commands.
struct CommandDescription {
  std::string name;
  std::string description;
  std::vector<ArgumentDescription> arguments;
  std::vector<ArgumentDescription> options;
  std::string examples;  ///< Lines.
  std::vector<CommandDescription> subcommands;
};

/// The help of the command that `path` (as of `topic`, `create`) leads to from `root`.
/// Requires: every word of it names a command.
std::string help_text(const CommandDescription& root, const std::vector<std::string>& path);

/// A completion script for bash, zsh or fish.
std::string bash_completion(const CommandDescription& root);
std::string zsh_completion(const CommandDescription& root);
std::string fish_completion(const CommandDescription& root);

}  // namespace streamhouse::cli
