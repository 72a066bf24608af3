#pragma once
/// \file  FlushPolicy: when the open object is closed. Pure.

#include <cstddef>
#include <optional>

#include "runtime/time.h"

namespace streamhouse::ingest {

struct FlushLimits {
  std::size_t object_bytes_max = 8u << 20;  ///< Closed at once when it is this large.
  runtime::Duration interval = std::chrono::milliseconds(5);  ///< Between closes under steady load.
  /// Between closes of objects of few batches while none is on its way; nullopt: the interval.
  /// Where objects are quick and cost no money a few waiters get their answers sooner by it.
  std::optional<runtime::Duration> pause = {};
  std::size_t few_batches = 8;
  runtime::Duration linger{};  ///< A lone batch after an idle spell waits this long for company.
};

struct OpenObjectAge {
  std::size_t bytes = 0;
  std::size_t batches = 0;
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
  /// an idle spell waits only for the linger; a steady trickle makes at most one object a pause,
  /// what is more than a trickle one an interval.
  runtime::MonoTime close_at(const OpenObjectAge& open, const FlushHistory& history) const;
  const FlushLimits& limits() const { return limits_; }

 private:
  runtime::Duration between_closes(const OpenObjectAge& open, const FlushHistory& history) const;

  FlushLimits limits_;
};

}  // namespace streamhouse::ingest
