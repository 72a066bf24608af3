#include "agent/config/toml_file.h"

#include <toml++/toml.h>

namespace streamhouse::agent {
namespace {

using base::Errc;

base::Result<std::string> text_of(const toml::node& node) {
  if (const auto text = node.value_exact<std::string>()) return *text;
  if (const auto number = node.value_exact<std::int64_t>()) return std::to_string(*number);
  if (const auto boolean = node.value_exact<bool>()) return *boolean ? "true" : "false";
  return {Errc::kInvalid, "expected a string, a whole number or a boolean"};
}

/// The library throws what it finds wrong.
base::Result<toml::table> parse(const std::string& path) {
  try {
    return toml::parse_file(path);
  } catch (const toml::parse_error& error) {
    const std::string line = std::to_string(error.source().begin.line);
    return {Errc::kInvalid, path + ":" + line + ": " + std::string(error.description())};
  }
}

}  // namespace

base::Result<std::vector<FileSetting>> read_toml_file(const std::string& path) {
  SH_TRY(const toml::table table, parse(path));
  std::vector<FileSetting> settings;
  for (const auto& [key, node] : table) {
    const std::string name(key.str());
    auto value = text_of(node);
    if (!value) return {Errc::kInvalid, path + ": " + name + ": " + value.error().text};
    settings.push_back({.key = name, .value = *std::move(value)});
  }
  return settings;
}

}  // namespace streamhouse::agent
