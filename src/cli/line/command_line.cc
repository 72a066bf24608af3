#include "cli/line/command_line.h"

#include <CLI/CLI.hpp>
#include <algorithm>

#include "cli/line/arguments.h"
#include "cli/line/grammar.h"

namespace streamhouse::cli {

namespace {

std::vector<std::string> split(const std::string& text, char separator) {
  std::vector<std::string> parts(1);
  for (const char c : text) {
    if (c == separator) {
      parts.emplace_back();
    } else {
      parts.back() += c;
    }
  }
  return parts;
}

/// `table|json` are all the values there are; in `FILE|-` capitals stand for something else.
std::vector<std::string> fixed_values(const std::string& value_name) {
  const bool fixed = value_name.find('|') != std::string::npos &&
                     std::ranges::none_of(value_name, [](char c) { return 'A' <= c && c <= 'Z'; });
  return fixed ? split(value_name, '|') : std::vector<std::string>{};
}

ArgumentDescription describe(const CLI::Option& option) {
  ArgumentDescription argument;
  argument.name = option.get_positional() ? option.get_name(true) : "--" + option.get_lnames()[0];
  if (!option.get_snames().empty()) argument.short_name = "-" + option.get_snames()[0];
  if (option.get_items_expected_max() > 0) argument.value_name = option.get_type_name();
  argument.values = fixed_values(argument.value_name);
  argument.description = option.get_description();
  argument.required = option.get_required();
  return argument;
}

CommandDescription describe(const CLI::App& app) {
  CommandDescription command;
  command.name = app.get_name();
  command.description = app.get_description();
  command.examples = app.get_footer();
  for (const auto* option : app.get_options()) {
    auto& list = option->get_positional() ? command.arguments : command.options;
    list.push_back(describe(*option));
  }
  for (const auto* subcommand : app.get_subcommands({})) {
    command.subcommands.push_back(describe(*subcommand));
  }
  return command;
}

/// The commands that the words named, as far as they were understood.
std::vector<std::string> parsed_path(const CLI::App& root) {
  std::vector<std::string> path;
  for (const auto* app = &root; !app->get_subcommands().empty();) {
    app = app->get_subcommands().front();
    path.push_back(app->get_name());
  }
  return path;
}

/// For an error in the words themselves, when the grammar has not got to --output.
OutputFormat wanted_output(const std::vector<std::string>& words) {
  for (std::size_t i = 0; i < words.size(); ++i) {
    const auto& word = words[i];
    const bool option = word == "-o" || word == "--output";
    if ((option && i + 1 < words.size() && words[i + 1] == "json") || word == "-ojson" ||
        word == "--output=json") {
      return OutputFormat::kJson;
    }
  }
  return OutputFormat::kTable;
}

UsageError usage_error(const std::string& text, const CLI::App& root,
                       const std::vector<std::string>& words) {
  std::string help = "streamctl ";
  for (const auto& name : parsed_path(root)) help += name + " ";
  return {text + " (see " + help + "--help)", wanted_output(words)};
}

/// The library's own sentence, unless there is a word that fits nowhere.
std::string text_of(const CLI::ParseError& error, const CLI::App& root) {
  const auto unknown = root.remaining(true);
  const auto type = static_cast<CLI::ExitCodes>(error.get_exit_code());
  const bool incomplete =
      type == CLI::ExitCodes::RequiredError || type == CLI::ExitCodes::ExtrasError;
  return incomplete && !unknown.empty() ? "unexpected '" + unknown.front() + "'" : error.what();
}

}  // namespace

std::variant<CommandLine, HelpText, UsageError> parse_command_line(
    const std::vector<std::string>& words, const std::string& server) {
  CommandLine line;
  const auto root = make_grammar(line);
  try {
    root->parse(std::vector(words.rbegin(), words.rend()));  // it takes the last word first
  } catch (const CLI::CallForHelp&) {
    return HelpText{help_text(describe_commands(), parsed_path(*root))};
  } catch (const CLI::CallForVersion&) {
    return HelpText{"streamctl " SH_VERSION "\n"};
  } catch (const CLI::ParseError& error) {
    return usage_error(text_of(error, *root), *root, words);
  }
  if (!server.empty() && root->get_option("--server")->empty()) {
    auto address = parse_address(server);
    if (!address) return usage_error("STREAMHOUSE_SERVER: " + address.error().text, *root, words);
    line.global.server = *std::move(address);
  }
  return line;
}

CommandDescription describe_commands() {
  CommandLine line;
  return describe(*make_grammar(line));
}

}  // namespace streamhouse::cli
