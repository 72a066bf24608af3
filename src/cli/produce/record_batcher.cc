#include "cli/produce/record_batcher.h"

#include <utility>

#include "base/bytes.h"
#include "model/key_partition.h"

namespace streamhouse::cli {

namespace {

/// Upper bounds of what the record batch format adds: its header; a record's lengths, deltas and
/// attributes; a header's two lengths.
constexpr std::size_t kBatchOverhead = 61;
constexpr std::size_t kRecordOverhead = 36;
constexpr std::size_t kHeaderOverhead = 10;

std::size_t encoded_bytes_max(const v1::Record& record) {
  auto bytes = kRecordOverhead + record.key().size() + record.value().size();
  for (const auto& header : record.headers()) {
    bytes += kHeaderOverhead + header.key().size() + header.value().size();
  }
  return bytes;
}

}  // namespace

std::int32_t RecordBatcher::partition_of(const v1::Record& record) const {
  if (target_.partition) return *target_.partition;
  if (!record.has_key()) return turn_;
  return model::partition_of_key(base::as_bytes(record.key()), target_.partition_count).value();
}

Batch RecordBatcher::close(std::int32_t partition) {
  auto closed = open_.extract(partition);
  open_bytes_ -= closed.mapped().bytes;
  if (partition == turn_) turn_ = (turn_ + 1) % target_.partition_count;
  return std::move(closed.mapped());
}

std::vector<Batch> RecordBatcher::add(v1::Record record, std::int64_t line) {
  std::vector<Batch> closed;
  const auto bytes = encoded_bytes_max(record);
  auto partition = partition_of(record);
  for (auto open = open_.find(partition);
       open != open_.end() && open->second.bytes + bytes > limits_.batch_bytes;
       open = open_.find(partition)) {
    closed.push_back(close(partition));
    partition = partition_of(record);  // the turn may have moved on, to another open batch
  }
  auto& batch = open_[partition];
  if (batch.request.records().empty()) {
    batch.request.set_topic(target_.topic);
    batch.request.set_partition(partition);
    batch.bytes = kBatchOverhead;
    batch.first_line = line;
    open_bytes_ += kBatchOverhead;
  }
  *batch.request.add_records() = std::move(record);
  batch.bytes += bytes;
  open_bytes_ += bytes;
  if (batch.request.records_size() >= limits_.batch_records) closed.push_back(close(partition));
  if (open_bytes_ > limits_.total_bytes) {
    for (auto& each : close_all()) closed.push_back(std::move(each));
  }
  return closed;
}

std::vector<Batch> RecordBatcher::close_all() {
  std::vector<Batch> closed;
  while (!open_.empty()) closed.push_back(close(open_.begin()->first));
  return closed;
}

}  // namespace streamhouse::cli
