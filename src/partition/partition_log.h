#pragma once
/// \file  PartitionLog: one partition on its leader. Produce assigns offsets here, the commit loop
/// publishes here, fetch reads the newest batches here.

#include <deque>
#include <memory>
#include <vector>

#include "base/bytes.h"
#include "metadata/topics.h"
#include "model/record_batch.h"
#include "partition/index/span_index.h"
#include "partition/producer_table.h"
#include "runtime/signal.h"
#include "segment/checkpoint.h"

namespace streamhouse::partition {

/// What became of a batch that asked for offsets.
struct Assigned {
  model::OffsetRange offsets;
  /// The batch repeats one of its producer: nothing was appended, the offsets are the original's.
  bool repeated = false;
};

enum class LogState : std::uint8_t {
  kLeading,
  kReleasing,  ///< A release is queued: nothing is appended any more (rule P10); reads go on.
  kClosed,     ///< Leadership is over.
};

/// Lifetime:  one lease; a new lease of the same partition is a new PartitionLog. Shared with
/// waiters, who look at state(). Threading: the core's executor. Invariant: log_start <=
/// high_watermark <= next_offset; none of them goes back (L4).
class PartitionLog {
 public:
  /// `row` as the acquire returned it. Errors: kCorrupt if its producer snapshot does not decode.
  static base::Result<std::shared_ptr<PartitionLog>> open(runtime::Runtime& runtime,
                                                          const metadata::Partition& row);
  PartitionLog(runtime::Runtime& runtime, const metadata::Partition& row, ProducerTable producers);

  model::TopicPartition key() const { return key_; }
  model::LeaderEpoch epoch() const { return epoch_; }
  LogState state() const { return state_; }
  model::Offset log_start() const { return log_start_; }
  /// First offset that is not committed; consumers see offsets below it.
  model::Offset high_watermark() const { return high_watermark_; }
  /// The next batch gets it.
  model::Offset next_offset() const { return next_offset_; }
  const ProducerTable& producers() const { return producers_; }

  // ---- write path
  /// Gives the batch its offsets, after the producer's sequence check. The caller then places the
  /// batch and hands its bytes to add_tail(). Errors: kNotLeader, kOutOfOrderSequence,
  /// kProducerFenced; nothing has changed then.
  base::Result<Assigned> assign(const model::RecordBatchView& batch);
  /// Keeps the placed batch for readers of the tail. Requires: `offsets` were assigned last.
  void add_tail(model::OffsetRange offsets, base::Bytes placed_batch);
  /// Offsets below `entry.offsets.next` are committed and lie in that object (W1: it is readable,
  /// the commit is durable).
  void publish(const IndexEntry& entry);
  void begin_release();
  /// Ends leadership and wakes every waiter.
  void close();

  // ---- read path
  /// Whole committed batches from the one that holds `offset` on, from memory, until `bytes_max` is
  /// reached (at least one); empty if the tail does not reach back to `offset`. Requires: offset <
  /// high_watermark().
  std::vector<base::Bytes> read_tail(model::Offset offset, std::size_t bytes_max) const;
  /// Forgets committed tail batches that end at or below `upto`; the index serves them from then
  /// on.
  void drop_tail(model::Offset upto);
  /// Notified when the high watermark or the log start moves, the index is loaded or found damaged,
  /// or leadership ends.
  runtime::Signal& changed() { return changed_; }
  /// What was published since it was last evicted, and what was loaded.
  const SpanIndex& index() const { return index_; }
  /// Whether the index reaches back to the log start (rule P13); until then only the tail and what
  /// was published since can be read.
  bool index_loaded() const { return index_loaded_; }
  /// `older` as read from the store, together with the log start, which may be ahead of
  /// log_start() while that is being moved; `left_out` names what could not be read and may be
  /// missing, empty if nothing was. Errors: kCorrupt (L3), which index_damage() keeps.
  base::Status load_index(std::vector<IndexEntry> older, model::Offset stored_log_start,
                          const std::string& left_out = {});
  /// Forgets the index, to be loaded again when it is asked for.
  void evict_index();
  /// Whether the index was evicted: it is not loaded before somebody asks for it.
  bool index_evicted() const { return index_evicted_; }
  /// When the index was last used, by a counter of whoever evicts.
  std::uint64_t index_used() const { return index_used_; }
  void set_index_used(std::uint64_t now) { index_used_ = now; }
  /// Spans, and bytes in them, with those that were evicted: of these the log start may have passed
  /// some since.
  std::size_t span_count() const { return index_.size() + evicted_spans_; }
  std::uint64_t span_bytes() const { return index_.total_length() + evicted_span_bytes_; }
  /// Why the index could not be loaded the last time it was tried: readers of old offsets are told.
  const std::optional<base::Error>& index_damage() const { return index_damage_; }
  void set_index_damage(const base::Error& why);
  /// Requires: durable already (rule P13), and not above the high watermark.
  void raise_log_start(model::Offset log_start);

  /// The committed state, for checkpoints and releases.
  segment::PartitionCheckpoint checkpoint() const;

 private:
  struct TailBatch {
    model::OffsetRange offsets;
    base::Bytes bytes;
  };

  void check_invariants() const;

  const model::TopicPartition key_;
  const model::LeaderEpoch epoch_;
  LogState state_ = LogState::kLeading;
  model::Offset log_start_;
  model::Offset high_watermark_;
  model::Offset next_offset_;
  ProducerTable producers_;
  std::deque<TailBatch> tail_;
  SpanIndex index_;
  bool index_loaded_ = false;
  bool index_evicted_ = false;
  std::uint64_t index_used_ = 0;
  std::size_t evicted_spans_ = 0;
  std::uint64_t evicted_span_bytes_ = 0;
  std::optional<base::Error> index_damage_;
  runtime::Signal changed_;
};

}  // namespace streamhouse::partition
