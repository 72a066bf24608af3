#pragma once
/// \file  CacheUse: what a cache counts of itself, for cache_requests_total.

#include <cstdint>

namespace streamhouse::runtime {

struct CacheUse {
  std::uint64_t hits = 0;
  std::uint64_t misses = 0;
  std::uint64_t coalesced = 0;  ///< Misses that waited for a load that was on its way.
  std::uint64_t stale = 0;      ///< Answers that may be out of date, of reads that bear it.

  CacheUse& operator+=(const CacheUse& other) {
    hits += other.hits;
    misses += other.misses;
    coalesced += other.coalesced;
    stale += other.stale;
    return *this;
  }
};

}  // namespace streamhouse::runtime
