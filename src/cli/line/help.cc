// Help for people: what a command does, how it is written, what each word means, examples.
#include <fmt/format.h>

#include <algorithm>

#include "base/check.h"
#include "cli/line/description.h"

namespace streamhouse::cli {

namespace {

constexpr std::size_t kWidth = 80;
constexpr std::size_t kColumnMax = 30;  // descriptions start no further right

struct Row {
  std::string left;
  std::string right;
};

/// The words of `text`, each line but the first behind `indent` spaces, within kWidth.
std::string wrapped(const std::string& text, std::size_t indent) {
  std::string out;
  std::size_t used = indent;
  for (std::size_t begin = 0; begin < text.size();) {
    const auto end = std::min(text.find(' ', begin), text.size());
    const auto length = end - begin;
    if (begin > 0 && used + 1 + length > kWidth) {
      out += "\n" + std::string(indent, ' ');
      used = indent;
    } else if (begin > 0) {
      out += ' ';
      ++used;
    }
    out.append(text, begin, length);
    used += length;
    begin = end + 1;
  }
  return out;
}

std::string section(const std::string& title, const std::vector<Row>& rows) {
  if (rows.empty()) return {};
  std::size_t column = 0;
  for (const auto& row : rows) {
    if (row.left.size() < kColumnMax) column = std::max(column, row.left.size());
  }
  std::string text = fmt::format("\n{}:\n", title);
  for (const auto& [left, right] : rows) {
    text += fmt::format("  {:<{}}", left, column);
    if (left.size() > column) text += fmt::format("\n  {:<{}}", "", column);
    text += "  " + wrapped(right, column + 4) + "\n";
  }
  return text;
}

std::vector<Row> rows_of(const std::vector<ArgumentDescription>& arguments) {
  std::vector<Row> rows;
  for (const auto& argument : arguments) {
    auto left =
        argument.short_name.empty() ? argument.name : argument.short_name + ", " + argument.name;
    const bool option = argument.name.starts_with('-');
    if (option && !argument.value_name.empty()) left += " " + argument.value_name;
    const auto values = option || argument.values.empty() ? "" : " (" + argument.value_name + ")";
    rows.push_back({left, argument.description + values});
  }
  return rows;
}

std::vector<Row> rows_of(const std::vector<CommandDescription>& commands) {
  std::vector<Row> rows;
  for (const auto& command : commands) {
    auto left = command.name;
    for (const auto& argument : command.arguments) {
      left += argument.required ? " " + argument.name : " [" + argument.name + "]";
    }
    for (const auto& subcommand : command.subcommands) {
      left += (&subcommand == &command.subcommands.front() ? " " : "|") + subcommand.name;
    }
    rows.push_back({left, command.description});
  }
  return rows;
}

/// Without --help, which each command shows as its own, and --version.
std::vector<ArgumentDescription> with_value(std::vector<ArgumentDescription> options) {
  std::erase_if(options, [](const auto& option) { return option.value_name.empty(); });
  return options;
}

std::string usage(const CommandDescription& command, const std::string& words) {
  std::string text = "Usage: " + words;
  for (const auto& argument : command.arguments) {
    text += argument.required ? " " + argument.name : " [" + argument.name + "]";
  }
  if (!command.subcommands.empty()) text += " COMMAND";
  return text + " [OPTIONS]\n";
}

std::string examples(const CommandDescription& command) {
  if (command.examples.empty()) return {};
  std::string text = "\nExamples:\n  ";
  for (const char c : command.examples) text += c == '\n' ? "\n  " : std::string(1, c);
  return text + "\n";
}

const std::string kExitCodes =
    "\nExit codes: 0 done; 1 refused, or fsck found something; 2 usage, nothing sent;\n"
    "3 unreachable, timed out or outcome unknown; 130 interrupted.\n";

}  // namespace

std::string help_text(const CommandDescription& root, const std::vector<std::string>& path) {
  const auto* command = &root;
  std::string words = root.name;
  for (const auto& name : path) {
    const auto next = std::ranges::find(command->subcommands, name, &CommandDescription::name);
    SH_CHECK(next != command->subcommands.end(), "the path to a help text names commands");
    command = &*next;
    words += " " + name;
  }
  const bool is_root = command == &root;
  std::string text = command->description + ".\n\n" + usage(*command, words);
  text += section("Arguments", rows_of(command->arguments));
  text += section("Commands", rows_of(command->subcommands));
  text += section("Options", rows_of(command->options));
  if (!is_root) text += section("Options of every command", rows_of(with_value(root.options)));
  return text + examples(*command) + (is_root ? kExitCodes : "");
}

}  // namespace streamhouse::cli
