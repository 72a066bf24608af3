#pragma once
/// \file  The state of partitions at one moment, as checkpoints, releases and final rows carry it.
/// Format: docs/formats/checkpoint.md.

#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/error.h"
#include "model/ids.h"

namespace streamhouse::segment {

struct PartitionCheckpoint {
  model::TopicPartition partition = {};
  /// The entry counts only while the partition row has this epoch (rule P12).
  model::LeaderEpoch epoch = {};
  model::Offset high_watermark = {};
  model::Offset log_start = {};
  base::Bytes producers = {};  ///< encode_producer_snapshot()
  friend bool operator==(const PartitionCheckpoint&, const PartitionCheckpoint&) = default;
};

/// Sorted by partition, none twice.
using CheckpointTable = std::vector<PartitionCheckpoint>;

/// What forbids `entry` in a table after `previous` (nullptr: as the first), or empty.
std::string_view checkpoint_fault(const PartitionCheckpoint* previous,
                                  const PartitionCheckpoint& entry);

/// Requires: no checkpoint_fault. Producer snapshots are carried as they are, not looked into.
base::ByteVector encode_checkpoint(const CheckpointTable& table);
/// The snapshots of the result share one copy of `bytes`.
/// Errors: kCorrupt, saying where; kUnsupported for a later format version. Memory stays
/// proportional to the input.
base::Result<CheckpointTable> decode_checkpoint(base::BytesView bytes);

}  // namespace streamhouse::segment
