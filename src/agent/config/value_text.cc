#include "agent/config/value_text.h"

#include <charconv>
#include <limits>
#include <optional>
#include <span>
#include <string>

namespace streamhouse::agent {
namespace {

using base::Errc;
using base::Result;

struct Unit {
  std::string_view name;
  std::int64_t factor;
};

constexpr Unit kDurationUnits[] = {
    {"ms", 1'000'000}, {"s", 1'000'000'000}, {"m", 60'000'000'000}, {"h", 3'600'000'000'000}};
constexpr Unit kSizeUnits[] = {{"B", 1}, {"KiB", 1 << 10}, {"MiB", 1 << 20}, {"GiB", 1 << 30}};

/// Digits and a unit, nothing else; nullopt too if it does not fit.
std::optional<std::int64_t> parse_quantity(std::string_view text, std::span<const Unit> units) {
  std::int64_t number = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc{} || number < 0) return std::nullopt;
  const std::string_view name(stop, static_cast<std::size_t>(end - stop));
  for (const Unit& unit : units) {
    if (unit.name != name) continue;
    std::int64_t product = 0;
    if (__builtin_mul_overflow(number, unit.factor, &product)) return std::nullopt;
    return product;
  }
  return std::nullopt;
}

}  // namespace

Result<runtime::Duration> parse_duration(std::string_view text) {
  if (const auto nanoseconds = parse_quantity(text, kDurationUnits)) {
    return runtime::Duration(*nanoseconds);
  }
  return {Errc::kInvalid, "expected a duration such as 250ms, 6s, 1m or 2h"};
}

Result<std::size_t> parse_size(std::string_view text) {
  if (const auto bytes = parse_quantity(text, kSizeUnits)) {
    return static_cast<std::size_t>(*bytes);
  }
  return {Errc::kInvalid, "expected a size such as 512B, 64KiB, 8MiB or 1GiB"};
}

Result<bool> parse_boolean(std::string_view text) {
  if (text == "true") return true;
  if (text == "false") return false;
  return {Errc::kInvalid, "expected true or false"};
}

Result<std::int64_t> parse_integer(std::string_view text, std::int64_t low, std::int64_t high) {
  std::int64_t value = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error == std::errc{} && stop == end && low <= value && value <= high) return value;
  return {Errc::kInvalid,
          "expected a whole number from " + std::to_string(low) + " to " + std::to_string(high)};
}

}  // namespace streamhouse::agent
