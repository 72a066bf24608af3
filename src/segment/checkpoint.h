#pragma once
/// \file  The state of partitions at one moment, as checkpoints, releases and final rows carry it.
/// Format: docs/formats/checkpoint.md.

#include <vector>

#include "base/bytes.h"
#include "base/error.h"
#include "model/ids.h"

namespace streamhouse::segment {

struct PartitionCheckpoint {
  model::TopicPartition partition;
  model::LeaderEpoch
      epoch;  ///< The entry counts only while the partition row has this epoch (rule P12).
  model::Offset high_watermark;
  model::Offset log_start;
  base::Bytes producers;  ///< encode_producer_snapshot()
  friend bool operator==(const PartitionCheckpoint&, const PartitionCheckpoint&) = default;
};

/// Sorted by partition, none twice.
using CheckpointTable = std::vector<PartitionCheckpoint>;

base::ByteVector encode_checkpoint(const CheckpointTable& table);
/// Errors: kCorrupt, saying where; memory stays proportional to the input.
base::Result<CheckpointTable> decode_checkpoint(base::BytesView bytes);

}  // namespace streamhouse::segment
