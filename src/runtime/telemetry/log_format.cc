#include "runtime/telemetry/log_format.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <type_traits>

#include "runtime/telemetry/redact.h"

namespace streamhouse::runtime {
namespace {

using nlohmann::json;

std::string json_string(std::string_view text) {
  return json(text).dump(-1, ' ', false, json::error_handler_t::replace);
}

std::string shown_value(const LogField& field) {
  const auto show = [&field](const auto& value) -> std::string {
    if constexpr (std::is_same_v<std::decay_t<decltype(value)>, std::string_view>)
      return json_string(names_secret(field.key()) ? "***" : redact(value));
    else
      return json(value).dump();
  };
  return std::visit(show, field.value());
}

bool is_plain(char c) { return c > ' ' && c < 0x7f && c != '"' && c != '\\' && c != '='; }

/// Without quotes where that leaves no doubt where the value ends.
std::string bare_if_plain(std::string shown) {
  if (shown.size() < 3 || shown.front() != '"') return shown;
  const bool plain = std::all_of(shown.begin() + 1, shown.end() - 1, is_plain);
  return plain ? shown.substr(1, shown.size() - 2) : shown;
}

}  // namespace

std::string format_text(LogLevel level, std::string_view message,
                        std::span<const LogField> fields) {
  const std::string sentence = json_string(redact(message));
  std::string line(log_level_name(level));
  line += ' ';
  line.append(sentence, 1, sentence.size() - 2);
  for (const LogField& field : fields) {
    line += ' ';
    line += field.key();
    line += '=';
    line += bare_if_plain(shown_value(field));
  }
  return line;
}

std::string format_json_members(LogLevel level, std::string_view message,
                                std::span<const LogField> fields) {
  std::string members = "\"level\":" + json_string(log_level_name(level));
  members += ",\"message\":" + json_string(redact(message));
  for (const LogField& field : fields)
    members += "," + json_string(field.key()) + ":" + shown_value(field);
  return members;
}

}  // namespace streamhouse::runtime
