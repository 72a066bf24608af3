#pragma once
/// \file  SQL put together from literal parts at compile time, so that a list of columns is written
/// once.

#include <algorithm>
#include <array>
#include <cstddef>
#include <string_view>

namespace streamhouse::metadata {

template <std::size_t kSize>
struct SqlText {
  std::array<char, kSize> text{};
  constexpr operator std::string_view() const { return {text.data(), kSize}; }
};

/// A literal without its terminating zero, or a text that was put together before.
template <std::size_t kSize>
consteval SqlText<kSize - 1> sql_part(const char (&literal)[kSize]) {
  SqlText<kSize - 1> part;
  std::copy_n(literal, kSize - 1, part.text.data());
  return part;
}
template <std::size_t kSize>
consteval SqlText<kSize> sql_part(const SqlText<kSize>& part) {
  return part;
}

template <std::size_t... kSizes>
consteval auto joined(const SqlText<kSizes>&... parts) {
  SqlText<(kSizes + ...)> whole;
  char* to = whole.text.data();
  ((to = std::copy_n(parts.text.data(), kSizes, to)), ...);
  return whole;
}

/// The parts, one after the other.
template <class... Parts>
consteval auto sql_text(const Parts&... parts) {
  return joined(sql_part(parts)...);
}

}  // namespace streamhouse::metadata
