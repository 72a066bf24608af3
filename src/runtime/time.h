#pragma once
/// \file  Time as the system sees it: a monotonic clock for intervals, wall time only for
/// timestamps that people read. No safety property rests on either.

#include <chrono>
#include <cstdint>

namespace streamhouse::runtime {

using Duration = std::chrono::nanoseconds;

struct MonotonicClock {
  using duration = Duration;
  using rep = duration::rep;
  using period = duration::period;
  using time_point = std::chrono::time_point<MonotonicClock>;
  static constexpr bool is_steady = true;  // no now(): ask the Runtime
};
using MonoTime = MonotonicClock::time_point;

/// Milliseconds since 1970-01-01 UTC, as Kafka's timestamps.
using WallMs = std::int64_t;

}  // namespace streamhouse::runtime
