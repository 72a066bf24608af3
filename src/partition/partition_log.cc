#include "partition/partition_log.h"

#include <algorithm>

#include "base/check.h"

namespace streamhouse::partition {
namespace {

segment::ProducerBatch producer_batch(const model::RecordBatchView& batch,
                                      model::OffsetRange offsets) {
  return {.producer = batch.producer_id(),
          .epoch = batch.producer_epoch(),
          .first_sequence = batch.base_sequence(),
          .last_sequence = batch.last_sequence(),
          .offsets = offsets,
          .max_timestamp = batch.max_timestamp()};
}

}  // namespace

base::Result<std::shared_ptr<PartitionLog>> PartitionLog::open(runtime::Runtime& runtime,
                                                               const metadata::Partition& row) {
  SH_TRY(const auto snapshot, segment::decode_producer_snapshot(row.producers));
  return std::make_shared<PartitionLog>(runtime, row, ProducerTable(snapshot));
}

PartitionLog::PartitionLog(runtime::Runtime& runtime, const metadata::Partition& row,
                           ProducerTable producers)
    : key_(row.key),
      epoch_(row.epoch),
      log_start_(row.log_start),
      high_watermark_(row.high_watermark),
      next_offset_(row.high_watermark),
      producers_(std::move(producers)),
      changed_(runtime) {
  check_invariants();
}

base::Result<Assigned> PartitionLog::assign(const model::RecordBatchView& batch) {
  if (state_ != LogState::kLeading) {
    return {base::Errc::kNotLeader, "no longer led here"};
  }
  const model::OffsetRange offsets{next_offset_, next_offset_ + batch.last_offset_delta() + 1};
  if (batch.is_idempotent()) {
    const segment::ProducerBatch entry = producer_batch(batch, offsets);
    SH_TRY(const auto original, producers_.check(entry));
    if (original) return Assigned{.offsets = *original, .repeated = true};
    producers_.add_pending(entry);
  }
  next_offset_ = offsets.next;
  return Assigned{.offsets = offsets};
}

void PartitionLog::add_tail(model::OffsetRange offsets, base::Bytes placed_batch) {
  SH_CHECK(offsets.next == next_offset_, "the tail grows by what was assigned last");
  SH_CHECK(tail_.empty() || tail_.back().offsets.next == offsets.base, "the tail has no gap");
  tail_.push_back({offsets, std::move(placed_batch)});
}

void PartitionLog::publish(const IndexEntry& entry) {
  SH_CHECK(entry.offsets.base == high_watermark_, "W7 commits are published in offset order");
  high_watermark_ = entry.offsets.next;
  producers_.commit_below(high_watermark_);
  index_.append(entry);
  check_invariants();
  changed_.notify_all();
}

void PartitionLog::begin_release() {
  if (state_ == LogState::kLeading) state_ = LogState::kReleasing;
}

void PartitionLog::close() {
  state_ = LogState::kClosed;
  changed_.notify_all();
}

std::vector<base::Bytes> PartitionLog::read_tail(model::Offset offset,
                                                 std::size_t bytes_max) const {
  std::vector<base::Bytes> batches;
  if (tail_.empty() || offset < tail_.front().offsets.base) return batches;
  auto batch = std::ranges::upper_bound(
      tail_, offset, {}, [](const TailBatch& candidate) { return candidate.offsets.base; });
  std::size_t bytes = 0;
  for (--batch; batch != tail_.end() && batch->offsets.next <= high_watermark_; ++batch) {
    if (!batches.empty() && bytes + batch->bytes.size() > bytes_max) break;
    bytes += batch->bytes.size();
    batches.push_back(batch->bytes);
  }
  return batches;
}

void PartitionLog::drop_tail(model::Offset upto) {
  while (!tail_.empty() && tail_.front().offsets.next <= std::min(upto, high_watermark_)) {
    tail_.pop_front();
  }
}

base::Status PartitionLog::load_index(std::vector<IndexEntry> older, model::Offset stored_log_start,
                                      const std::string& left_out) {
  const model::Offset from = std::max(log_start_, stored_log_start);
  base::Status loaded = index_.load_older(std::move(older), from, high_watermark_);
  if (!loaded) {
    if (!left_out.empty()) loaded.error().text += "; left out: " + left_out;
    set_index_damage(loaded.error());
    return *index_damage_;
  }
  index_loaded_ = true;
  index_evicted_ = false;
  evicted_spans_ = 0;
  evicted_span_bytes_ = 0;
  index_damage_.reset();
  changed_.notify_all();
  return {};
}

void PartitionLog::evict_index() {
  evicted_spans_ = span_count();
  evicted_span_bytes_ = span_bytes();
  index_.clear();
  index_loaded_ = false;
  index_evicted_ = true;
}

void PartitionLog::set_index_damage(const base::Error& why) {
  index_damage_ = base::make_error(why.code, "partition " + to_string(key_) + ": " + why.text);
  changed_.notify_all();
}

void PartitionLog::raise_log_start(model::Offset log_start) {
  if (log_start <= log_start_) return;
  log_start_ = log_start;
  index_.trim(log_start);
  check_invariants();
  changed_.notify_all();
}

segment::PartitionCheckpoint PartitionLog::checkpoint() const {
  return {.partition = key_,
          .epoch = epoch_,
          .high_watermark = high_watermark_,
          .log_start = log_start_,
          .producers = base::Bytes(segment::encode_producer_snapshot(producers_.committed()))};
}

void PartitionLog::check_invariants() const {
  SH_CHECK(log_start_ <= high_watermark_, "L4 log start is at most the high watermark");
  SH_CHECK(high_watermark_ <= next_offset_, "L4 high watermark is at most the next offset");
}

}  // namespace streamhouse::partition
