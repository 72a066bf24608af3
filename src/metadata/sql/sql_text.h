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

/// The parts, one after the other, without their terminating zeros.
template <std::size_t... kSizes>
consteval auto sql_text(const char (&... parts)[kSizes]) {
  SqlText<((kSizes - 1) + ...)> joined;
  char* to = joined.text.data();
  ((to = std::copy_n(parts, kSizes - 1, to)), ...);
  return joined;
}

}  // namespace streamhouse::metadata
