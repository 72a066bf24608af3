#pragma once
/// \file  SQL put together from literal parts at compile time, so that a list of columns is written
/// once.

#include <algorithm>
#include <array>
#include <cstddef>
#include <string_view>

namespace streamhouse::metadata::sqlite {

template <std::size_t Size>
struct SqlText {
  std::array<char, Size> text{};
  constexpr operator std::string_view() const { return {text.data(), Size}; }
};

/// The parts, one after the other, without their terminating zeros.
template <std::size_t... Sizes>
consteval auto sql_text(const char (&... parts)[Sizes]) {
  SqlText<((Sizes - 1) + ...)> joined;
  char* to = joined.text.data();
  ((to = std::copy_n(parts, Sizes - 1, to)), ...);
  return joined;
}

}  // namespace streamhouse::metadata::sqlite
