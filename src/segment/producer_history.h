#pragma once
/// \file  The one rule of what is remembered of a producer's committed batches.

#include "segment/producer_state.h"

namespace streamhouse::segment {

/// Adds a committed batch as the newest: a higher epoch forgets the batches of the old one, and at
/// most kProducerBatchesMax are kept. Requires: the epoch does not go back.
void remember_batch(ProducerEntry& entry, const ProducerBatch& batch);

}  // namespace streamhouse::segment
