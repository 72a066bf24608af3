#include "tests/e2e/client/numbered_value.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstring>

#include "runtime/random.h"

namespace streamhouse::e2e {

std::string numbered_value(std::uint64_t number, std::size_t bytes) {
  bytes = std::max(bytes, kValueBytesMin);
  std::string value = fmt::format("{:016x}{:016x}", number, bytes);
  value.resize(bytes, static_cast<char>('a' + number % 26));
  if (number % 2 == 1) return value;
  runtime::Random random(number);
  for (std::size_t at = kValueBytesMin; at < bytes; at += sizeof(std::uint64_t)) {
    const std::uint64_t noise = random.next();
    std::memcpy(value.data() + at, &noise, std::min(sizeof(noise), bytes - at));
  }
  return value;
}

std::optional<std::uint64_t> number_of(std::string_view value) {
  if (value.size() < kValueBytesMin) return std::nullopt;
  std::uint64_t number = 0;
  const char* const end = value.data() + 16;
  if (std::from_chars(value.data(), end, number, 16).ptr != end) return std::nullopt;
  if (numbered_value(number, value.size()) != value) return std::nullopt;
  return number;
}

}  // namespace streamhouse::e2e
