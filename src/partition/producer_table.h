#pragma once
/// \file  Idempotent producers of one partition: which batch is next, which was seen before (rule
/// P17, W5).

#include <cstdint>
#include <deque>
#include <map>
#include <optional>

#include "base/error.h"
#include "segment/producer_state.h"

namespace streamhouse::partition {

/// Kafka's rules: per producer the newest epoch and its last five batches; an exact repeat is
/// answered with the offsets of the original, a gap or an old epoch is refused, a new epoch starts
/// at sequence 0, an unknown producer anywhere. Checks use committed plus pending batches;
/// snapshots are of committed ones only. Threading: one executor.
class ProducerTable {
 public:
  /// At most this many producers are remembered; the one idle for longest is forgotten first.
  static constexpr std::size_t kProducersMax = 10'000;

  ProducerTable() = default;
  explicit ProducerTable(const segment::ProducerSnapshot& snapshot);

  /// The original's offsets if `batch` (its offsets are ignored) repeats one that is remembered;
  /// nullopt if it is next in order. Errors: kOutOfOrderSequence, kProducerFenced.
  base::Result<std::optional<model::OffsetRange>> check(const segment::ProducerBatch& batch) const;
  /// Remembers a batch that check() let through. Requires: offsets above all earlier ones.
  void add_pending(const segment::ProducerBatch& batch);
  /// Pending batches that end at or below `high_watermark` are committed now.
  void commit_below(model::Offset high_watermark);

  segment::ProducerSnapshot committed() const;
  std::size_t size() const { return producers_.size(); }

 private:
  struct Producer {
    segment::ProducerEntry committed;
    std::deque<segment::ProducerBatch> pending;  ///< In offset order.

    const segment::ProducerBatch& newest() const {
      return pending.empty() ? committed.batches.back() : pending.back();
    }
  };

  void forget_idlest();

  std::map<model::ProducerId, Producer> producers_;
  std::deque<model::ProducerId> pending_order_;  ///< One entry a pending batch, in offset order.
};

/// The sequence number after `sequence`; 2^31 - 1 is followed by 0.
std::int32_t next_sequence(std::int32_t sequence);

}  // namespace streamhouse::partition
