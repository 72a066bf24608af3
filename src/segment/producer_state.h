#pragma once
/// \file  The durable producer state of one partition: what lets an idempotent producer's retry be
/// recognised after a restart or a change of leader. Format: docs/formats/producer_state.md.

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/error.h"
#include "segment/span.h"

namespace streamhouse::segment {

/// Kafka clients keep at most five batches in flight, so five are remembered.
constexpr std::size_t kProducerBatchesMax = 5;

/// Newest epoch and last batches of one producer in one partition.
struct ProducerEntry {
  model::ProducerId producer = {};
  model::ProducerEpoch epoch = {};
  std::int64_t last_timestamp = 0;  ///< ms; producers idle for long are forgotten.
  /// In offset order, at most kProducerBatchesMax, all of this producer and epoch; none if the
  /// epoch was raised without a batch.
  std::vector<ProducerBatch> batches = {};
  /// Where the producer's open transaction begins in this partition.
  std::optional<model::Offset> open_transaction = {};
  auto operator<=>(const ProducerEntry&) const = default;
};

/// Sorted by producer, none twice.
using ProducerSnapshot = std::vector<ProducerEntry>;

/// What forbids `entry` in a snapshot after `previous` (nullptr: as the first), or empty.
std::string_view producer_fault(const ProducerEntry* previous, const ProducerEntry& entry);

/// An empty snapshot is encoded as no bytes at all. Requires: no producer_fault.
base::ByteVector encode_producer_snapshot(const ProducerSnapshot& snapshot);
/// Errors: kCorrupt, saying where; kUnsupported for a later format version. Memory stays
/// proportional to the input.
base::Result<ProducerSnapshot> decode_producer_snapshot(base::BytesView bytes);

}  // namespace streamhouse::segment
