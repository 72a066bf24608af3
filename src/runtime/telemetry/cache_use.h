#pragma once
/// \file  CacheUse: what a cache counts of itself, for cache_requests_total.

#include <cstdint>

namespace streamhouse::runtime {

struct CacheUse {
  std::uint64_t hits = 0;
  std::uint64_t misses = 0;
};

}  // namespace streamhouse::runtime
