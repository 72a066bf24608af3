#pragma once
/// \file  The durable producer state of one partition: what lets an idempotent producer's retry be
/// recognised after a restart or a change of leader. Format: docs/formats/producer_state.md.

#include <cstdint>
#include <vector>

#include "base/bytes.h"
#include "base/error.h"
#include "segment/span.h"

namespace streamhouse::segment {

/// Kafka clients keep at most five batches in flight, so five are remembered.
constexpr std::size_t kProducerBatchesMax = 5;

/// Newest epoch and last batches of one producer in one partition.
struct ProducerEntry {
  model::ProducerId producer;
  model::ProducerEpoch epoch;
  std::int64_t last_timestamp = 0;     ///< ms; producers idle for long are forgotten.
  std::vector<ProducerBatch> batches;  ///< Oldest first, 1 to kProducerBatchesMax, all of `epoch`.
  auto operator<=>(const ProducerEntry&) const = default;
};

/// Sorted by producer.
using ProducerSnapshot = std::vector<ProducerEntry>;

/// An empty snapshot is encoded as no bytes at all.
base::ByteVector encode_producer_snapshot(const ProducerSnapshot& snapshot);
/// Errors: kCorrupt, saying where; memory stays proportional to the input.
base::Result<ProducerSnapshot> decode_producer_snapshot(base::BytesView bytes);

}  // namespace streamhouse::segment
