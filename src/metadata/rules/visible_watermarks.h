#pragma once
/// \file  How far consumers can read, as views and lists show it: kept packed with a session's
/// checkpoint, so that showing it costs one row however many partitions moved.

#include <vector>

#include "metadata/topics.h"
#include "segment/checkpoint.h"

namespace streamhouse::metadata {

/// The high watermark that a checkpoint had for a partition. It counts as long as the session leads
/// the partition under this epoch.
struct VisibleWatermark {
  TopicPartition partition = {};
  LeaderEpoch epoch = {};
  Offset high_watermark = {};
  bool operator==(const VisibleWatermark&) const = default;
};
/// Of one session; sorted by partition, none twice.
using VisibleWatermarks = std::vector<VisibleWatermark>;

/// What is shown after another checkpoint: of each partition the newest epoch, and of that the
/// highest watermark. What the checkpoint leaves out stays as it was.
VisibleWatermarks raised(const VisibleWatermarks& before, const segment::CheckpointTable& entries);

/// The row's own visible high watermark, raised to what its leader's checkpoints have for it.
Offset visible_for(const VisibleWatermarks& of_leader, const Partition& row);

}  // namespace streamhouse::metadata
