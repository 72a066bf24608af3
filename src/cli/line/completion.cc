// Completion scripts. Each keeps a table from the commands typed so far ("topic create") to what
// can come next; the words after an option that takes a value come from that option alone.
#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "cli/line/description.h"

namespace streamhouse::cli {

namespace {

/// A command with what leads to it, as `topic create`; the root's path is empty.
struct Place {
  std::string path;
  const CommandDescription* command;
};

void collect(const CommandDescription& command, const std::string& path,
             std::vector<Place>& places) {
  places.push_back({path, &command});
  for (const auto& subcommand : command.subcommands) {
    collect(subcommand, path.empty() ? subcommand.name : path + " " + subcommand.name, places);
  }
}

std::vector<Place> all_places(const CommandDescription& root) {
  std::vector<Place> places;
  collect(root, "", places);
  return places;
}

/// What can stand behind the words of `place`.
std::vector<std::string> next_words(const CommandDescription& root, const Place& place) {
  std::vector<std::string> words;
  const auto add_names = [&words](const auto& named) {
    std::ranges::transform(named, std::back_inserter(words),
                           [](const auto& each) { return each.name; });
  };
  add_names(place.command->subcommands);
  if (!place.command->arguments.empty()) {
    const auto& values = place.command->arguments.front().values;
    words.insert(words.end(), values.begin(), values.end());
  }
  add_names(place.command->options);
  if (place.command != &root) add_names(root.options);
  return words;
}

bool takes_file(const ArgumentDescription& option) { return option.value_name.starts_with("FILE"); }

/// The words of a shell's case pattern for an option: `-o|--output`.
std::string pattern(const ArgumentDescription& option) {
  return option.short_name.empty() ? option.name : option.short_name + "|" + option.name;
}

std::vector<ArgumentDescription> all_options(const CommandDescription& root) {
  std::vector<ArgumentDescription> options;
  for (const auto& place : all_places(root)) {
    for (const auto& option : place.command->options) {
      const bool known = std::ranges::any_of(
          options, [&](const ArgumentDescription& each) { return each.name == option.name; });
      if (!known && !option.value_name.empty()) options.push_back(option);
    }
  }
  return options;
}

/// The case arms that are the same in bash and zsh; `offer` prints the arm's action for a list of
/// words, `files` is the one for file names.
template <class Offer>
std::string value_arms(const CommandDescription& root, Offer offer, const std::string& files) {
  std::string text;
  for (const auto& option : all_options(root)) {
    const auto action = takes_file(option) ? files : offer(option.values);
    text += fmt::format("    {}) {}; return ;;\n", pattern(option), action);
  }
  return text;
}

std::string path_arms(const CommandDescription& root) {
  std::string text;
  for (const auto& place : all_places(root)) {
    if (place.path.empty()) continue;
    text += fmt::format("      ' {}') path=\"$path $word\" ;;\n", place.path);
  }
  return text;
}

template <class Offer>
std::string place_arms(const CommandDescription& root, Offer offer) {
  std::string text;
  for (const auto& place : all_places(root)) {
    const auto path = place.path.empty() ? "" : " " + place.path;
    text += fmt::format("    '{}') {} ;;\n", path, offer(next_words(root, place)));
  }
  return text;
}

/// `text` within single quotes of a shell.
std::string quoted(const std::string& text) {
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? "'\\''" : std::string(1, c);
  return out + "'";
}

}  // namespace

std::string bash_completion(const CommandDescription& root) {
  const auto offer = [](const std::vector<std::string>& words) {
    return fmt::format("COMPREPLY=($(compgen -W '{}' -- \"$current\"))", fmt::join(words, " "));
  };
  return fmt::format(
      "# bash completion for streamctl: source <(streamctl completion bash)\n"
      "_streamctl() {{\n"
      "  local current=\"${{COMP_WORDS[COMP_CWORD]}}\" previous=\"${{COMP_WORDS[COMP_CWORD-1]}}\"\n"
      "  local path='' word\n"
      "  COMPREPLY=()\n"
      "  for word in \"${{COMP_WORDS[@]:1:COMP_CWORD-1}}\"; do\n"
      "    case \"$path $word\" in\n{}    esac\n"
      "  done\n"
      "  case \"$previous\" in\n{}  esac\n"
      "  case \"$path\" in\n{}  esac\n"
      "}}\n"
      "complete -F _streamctl streamctl\n",
      path_arms(root), value_arms(root, offer, "COMPREPLY=($(compgen -f -- \"$current\"))"),
      place_arms(root, offer));
}

std::string zsh_completion(const CommandDescription& root) {
  const auto offer = [](const std::vector<std::string>& words) {
    return words.empty() ? std::string(":") : fmt::format("compadd -- {}", fmt::join(words, " "));
  };
  return fmt::format(
      "#compdef streamctl\n"
      "# zsh completion for streamctl: source <(streamctl completion zsh)\n"
      "_streamctl() {{\n"
      "  local path='' word\n"
      "  for word in \"${{(@)words[2,CURRENT-1]}}\"; do\n"
      "    case \"$path $word\" in\n{}    esac\n"
      "  done\n"
      "  case \"${{words[CURRENT-1]}}\" in\n{}  esac\n"
      "  case \"$path\" in\n{}  esac\n"
      "}}\n"
      "compdef _streamctl streamctl\n",
      path_arms(root), value_arms(root, offer, "_files"), place_arms(root, offer));
}

std::string fish_completion(const CommandDescription& root) {
  std::string text =
      "# fish completion for streamctl: streamctl completion fish | source\n"
      "function __streamctl_at\n"
      "  set -l path\n"
      "  for word in (commandline -opc)[2..-1]\n"
      "    if string match -qr -- '^-' $word; or not contains -- (string join ' ' $path $word)";
  for (const auto& place : all_places(root)) {
    if (!place.path.empty()) text += " " + quoted(place.path);
  }
  text +=
      "\n      continue\n"
      "    end\n"
      "    set path $path $word\n"
      "  end\n"
      "  test \"$path\" = \"$argv\"\n"
      "end\n"
      "complete -c streamctl -f\n";
  const auto option_line = [](const std::string& condition, const ArgumentDescription& option) {
    auto line = "complete -c streamctl" + condition + " -l " + option.name.substr(2);
    if (!option.short_name.empty()) line += " -s " + option.short_name.substr(1);
    if (takes_file(option)) line += " -r -F";
    if (!takes_file(option) && !option.value_name.empty()) line += " -x";
    if (!option.values.empty()) line += fmt::format(" -a '{}'", fmt::join(option.values, " "));
    return line + " -d " + quoted(option.description) + "\n";
  };
  for (const auto& place : all_places(root)) {
    const auto condition = fmt::format(" -n \"__streamctl_at {}\"", place.path);
    for (const auto& subcommand : place.command->subcommands) {
      text += fmt::format("complete -c streamctl{} -a {} -d {}\n", condition, subcommand.name,
                          quoted(subcommand.description));
    }
    for (const auto& argument : place.command->arguments) {
      if (argument.values.empty()) continue;
      text += fmt::format("complete -c streamctl{} -a '{}'\n", condition,
                          fmt::join(argument.values, " "));
    }
    const bool is_root = place.command == &root;
    for (const auto& option : place.command->options) {
      text += option_line(is_root ? "" : condition, option);
    }
  }
  return text;
}

}  // namespace streamhouse::cli
