#pragma once
/// \file  FlushPolicy: when the open object is closed. Pure.

#include <cstddef>

#include "runtime/time.h"

namespace streamhouse::ingest {

struct FlushLimits {
  std::size_t object_bytes_max = 8u << 20;  ///< Closed at once when it is this large.
  runtime::Duration interval = std::chrono::milliseconds(5);  ///< Between closes under steady load.
  runtime::Duration linger{};  ///< A lone batch after an idle spell waits this long for company.
};

struct OpenObjectAge {
  std::size_t bytes = 0;
  runtime::MonoTime first_batch_at;
};

struct FlushHistory {
  runtime::MonoTime last_close_at = runtime::MonoTime::min();
  std::size_t objects_in_flight = 0;
};

class FlushPolicy {
 public:
  explicit FlushPolicy(FlushLimits limits) : limits_(limits) {}

  /// The moment at which a non-empty open object is due; in the past means now. A lone record after
  /// an idle spell waits only for the linger; a steady trickle makes at most one object an
  /// interval.
  runtime::MonoTime close_at(const OpenObjectAge& open, const FlushHistory& history) const;
  const FlushLimits& limits() const { return limits_; }

 private:
  FlushLimits limits_;
};

}  // namespace streamhouse::ingest
