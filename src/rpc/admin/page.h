#pragma once
/// \file  Pages of lists: how large they are and where the next begins.

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace streamhouse::rpc {

/// Entries of a page, so that an answer stays well below a client's limit of 4 MiB.
constexpr std::size_t kPageSizeMax = 1'000;

/// 0 = the server's choice, which also caps larger wishes.
inline std::size_t page_limit(std::int32_t page_size) {
  if (page_size <= 0) return kPageSizeMax;
  return std::min(static_cast<std::size_t>(page_size), kPageSizeMax);
}

}  // namespace streamhouse::rpc
