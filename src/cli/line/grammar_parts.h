#pragma once
/// \file  The pieces that the grammar is put together from: words with a form of their own, words
/// that may repeat, commands that fill a struct. A form that does not fit throws the library's
/// ValidationError, as its own forms do; command_line.cc catches it.

#include <CLI/CLI.hpp>
#include <limits>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "cli/line/arguments.h"
#include "cli/line/grammar.h"

namespace streamhouse::cli {

constexpr std::int64_t kLargestPartition = std::numeric_limits<std::int32_t>::max();

template <class T>
T value_or_throw(const std::string& name, base::Result<T> result) {
  // allow(throw): the way out of the library's callbacks
  if (!result) throw CLI::ValidationError(name, result.error().text);
  return *std::move(result);
}

/// One of two options has to be there.
inline void require_one(CLI::App& app, CLI::Option* first, CLI::Option* second) {
  app.parse_complete_callback([first, second] {
    if (!first->empty() || !second->empty()) return;
    // allow(throw): the way out of the library's callbacks
    throw CLI::RequiredError(first->get_name() + " or " + second->get_name());
  });
}

/// The form of a whole number that a T holds.
template <class T>
auto integer(std::int64_t min, std::int64_t max) {
  return [min, max](const std::string& word) -> base::Result<T> {
    SH_TRY(const auto value, parse_integer(word, min, max));
    return static_cast<T>(value);
  };
}

/// An option, or an argument if `name` has no dashes; `form` makes a Result of the word.
template <class Target, class Form>
CLI::Option* add(CLI::App& app, const std::string& name, Target& target, Form form,
                 const std::string& description) {
  const auto assign = [&target, name, form](const std::string& word) {
    target = value_or_throw(name, form(word));
  };
  return app.add_option_function<std::string>(name, assign, description)->type_name("");
}

/// A word taken as it is.
template <class Target>
CLI::Option* add_text(CLI::App& app, const std::string& name, Target& target,
                      const std::string& description) {
  const auto assign = [&target](const std::string& word) { target = word; };
  return app.add_option_function<std::string>(name, assign, description)->type_name("");
}

/// An option that may come several times, with one word each.
template <class Append>
CLI::Option* add_repeatable(CLI::App& app, const std::string& name, const Append& append,
                            const std::string& description) {
  const auto assign = [append](const std::vector<std::string>& words) {
    for (const auto& word : words) append(word);
  };
  return app.add_option_function<std::vector<std::string>>(name, assign, description)
      ->allow_extra_args(false);
}

template <class Pairs>
void add_pairs(CLI::App& app, const std::string& name, Pairs& pairs,
               const std::string& description) {
  const auto append = [&pairs, name](const std::string& word) {
    pairs.insert(pairs.end(), value_or_throw(name, parse_key_value(word)));
  };
  add_repeatable(app, name, append, description)->type_name("KEY=VALUE");
}

/// A command that, once its words are parsed, stands in `line` as a T.
template <class T>
std::pair<CLI::App&, T&> add_command(CLI::App& parent, const std::string& name, CommandLine& line,
                                     const std::string& description) {
  auto& app = *parent.add_subcommand(name, description);
  const auto command = std::make_shared<T>();
  app.callback([command, &line] { line.command = *command; });
  return {app, *command};
}

}  // namespace streamhouse::cli
