#include "cli/line/arguments.h"

#include <fmt/core.h>

#include <charconv>

namespace streamhouse::cli {

using base::Errc;
using base::Result;

Result<std::int64_t> parse_integer(std::string_view text, std::int64_t min, std::int64_t max) {
  std::int64_t value = 0;
  const auto* const end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data(), end, value);
  if (error == std::errc{} && stopped == end && min <= value && value <= max) return value;
  if (max == kLargest) {
    return {Errc::kInvalid, fmt::format("'{}' is not a whole number from {} on", text, min)};
  }
  return {Errc::kInvalid, fmt::format("'{}' is not a whole number from {} to {}", text, min, max)};
}

Result<std::chrono::milliseconds> parse_duration(std::string_view text) {
  struct Unit {
    std::string_view suffix;
    std::int64_t milliseconds;
  };
  for (const auto& [suffix, milliseconds] : {Unit{"ms", 1}, Unit{"s", 1000}, Unit{"m", 60'000}}) {
    if (!text.ends_with(suffix)) continue;
    const auto digits = text.substr(0, text.size() - suffix.size());
    const auto count = parse_integer(digits, 1, kLargest / 1'000'000 / milliseconds);
    if (count) return std::chrono::milliseconds(*count * milliseconds);
    break;
  }
  return {Errc::kInvalid, fmt::format("'{}' is not a duration such as 250ms, 6s or 1m", text)};
}

Result<std::pair<std::string, std::string>> parse_key_value(std::string_view text) {
  const auto equals = text.find('=');
  if (equals == std::string_view::npos || equals == 0) {
    return {Errc::kInvalid, fmt::format("'{}' is not of the form key=value", text)};
  }
  return std::pair{std::string(text.substr(0, equals)), std::string(text.substr(equals + 1))};
}

Result<StartOffset> parse_start_offset(std::string_view text) {
  using Kind = StartOffset::Kind;
  if (text == "earliest") return StartOffset{Kind::kEarliest};
  if (text == "latest") return StartOffset{Kind::kLatest};
  const bool timestamp = text.starts_with('@');
  const auto value = parse_integer(timestamp ? text.substr(1) : text, 0, kLargest);
  if (value) return StartOffset{timestamp ? Kind::kTimestamp : Kind::kOffset, *value};
  return {Errc::kInvalid,
          fmt::format("'{}' is not an offset, earliest, latest, or @ and milliseconds", text)};
}

Result<std::string> parse_address(std::string_view text) {
  const auto colon = text.rfind(':');
  const auto host = text.substr(0, colon);
  const bool bracketed = host.starts_with('[') && host.ends_with(']');
  const bool named = host.find_first_of(":/ ") == std::string_view::npos;
  if (colon != std::string_view::npos && !host.empty() && (bracketed || named) &&
      parse_integer(text.substr(colon + 1), 1, 65535)) {
    return std::string(text);
  }
  return {Errc::kInvalid, fmt::format("'{}' is not of the form host:port", text)};
}

Result<std::int64_t> parse_retention(std::string_view text) {
  if (text == "none") return -1;
  auto value = parse_integer(text, -1, kLargest);
  if (value) return value;
  return {Errc::kInvalid, fmt::format("'{}' is neither milliseconds nor none", text)};
}

}  // namespace streamhouse::cli
