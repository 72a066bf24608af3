#include "partition/partition_table.h"

#include <algorithm>

#include "base/check.h"

namespace streamhouse::partition {

void PartitionTable::add(std::shared_ptr<PartitionLog> log) {
  const auto key = log->key();
  const bool added = logs_.emplace(key, std::move(log)).second;
  SH_CHECK(added, "F2 a partition is led once at a time");
}

std::shared_ptr<PartitionLog> PartitionTable::find(model::TopicPartition key) const {
  const auto found = logs_.find(key);
  return found == logs_.end() ? nullptr : found->second;
}

void PartitionTable::remove(model::TopicPartition key) {
  const auto found = logs_.find(key);
  if (found == logs_.end()) return;
  found->second->close();
  logs_.erase(found);
}

void PartitionTable::close_all() {
  for (const auto& log : list()) log->close();
  logs_.clear();
}

void PartitionTable::tail_committed(const std::shared_ptr<PartitionLog>& log, model::Offset upto,
                                    std::size_t bytes) {
  tail_pieces_.push_back({log, upto, bytes});
  tail_bytes_ += bytes;
  while (tail_bytes_ > tail_bytes_max_) {
    const TailPiece oldest = std::move(tail_pieces_.front());
    tail_pieces_.pop_front();
    tail_bytes_ -= oldest.bytes;
    if (const auto owner = oldest.log.lock()) owner->drop_tail(oldest.upto);
  }
}

std::vector<std::shared_ptr<PartitionLog>> PartitionTable::list() const {
  std::vector<std::shared_ptr<PartitionLog>> logs;
  logs.reserve(logs_.size());
  // allow(unordered-iteration): sorted below
  for (const auto& [key, log] : logs_) logs.push_back(log);
  std::ranges::sort(logs, {}, [](const auto& log) { return log->key(); });
  return logs;
}

}  // namespace streamhouse::partition
