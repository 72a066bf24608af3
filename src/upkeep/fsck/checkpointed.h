#pragma once
/// \file  Checkpointed: the furthest that any session's newest checkpoint says of a partition.

#include <algorithm>

#include "segment/checkpoint.h"

namespace streamhouse::upkeep {

/// None of it may be more than the truth, whatever epoch it was written under: neither high
/// watermark nor log start ever goes back (L4).
struct Checkpointed {
  model::Offset high_watermark{0};
  model::Offset log_start{0};

  void take(const segment::PartitionCheckpoint& entry) {
    high_watermark = std::max(high_watermark, entry.high_watermark);
    log_start = std::max(log_start, entry.log_start);
  }
};

}  // namespace streamhouse::upkeep
