#pragma once
/// \file  OffsetCoverage: which offsets the spans seen so far cover, for all partitions at once, in
/// whatever order logs are read. Pure.

#include <map>

#include "metadata/objects.h"
#include "upkeep/fsck/checkpointed.h"

namespace streamhouse::upkeep {

/// Neighbouring spans melt into one run, so that a partition in good order takes one entry.
/// Memory: about 80 bytes a run; while logs are read, at most one run a partition and session.
class OffsetCoverage {
 public:
  void add(const segment::Span& span);
  /// Whether the spans are as `row`, which was read before any of them, and checkpoints say (L3,
  /// L4). If not, the partition may be damaged, or have changed meanwhile: look at one snapshot of
  /// it.
  bool agrees_with(const metadata::Partition& row, const Checkpointed& checkpointed) const;

 private:
  struct Run {
    model::Offset next;
    model::LeaderEpoch first_epoch;
    model::LeaderEpoch last_epoch;
  };
  struct Cover {
    std::map<model::Offset, Run> runs;  ///< By base offset; they do not touch.
    bool disordered = false;            ///< Spans overlap, or epochs fall.
  };

  std::map<model::TopicPartition, Cover> covers_;
};

}  // namespace streamhouse::upkeep
