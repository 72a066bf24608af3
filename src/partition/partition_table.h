#pragma once
/// \file  PartitionTable: every partition that this agent leads, and the memory that their tails
/// may take together.

#include <deque>
#include <memory>
#include <unordered_map>
#include <vector>

#include "partition/partition_log.h"

namespace streamhouse::partition {

/// Lifetime:  one session; closed when the session ends.
/// Threading: the core's executor.
class PartitionTable {
 public:
  /// `tail_bytes_max` bounds committed bytes kept in memory for readers, over all partitions.
  explicit PartitionTable(std::size_t tail_bytes_max) : tail_bytes_max_(tail_bytes_max) {}

  /// Requires: not led already.
  void add(std::shared_ptr<PartitionLog> log);
  /// nullptr if this agent does not lead it.
  std::shared_ptr<PartitionLog> find(model::TopicPartition key) const;
  /// Closes the log and forgets it.
  void remove(model::TopicPartition key);
  /// Closes every log: the session is over.
  void close_all();

  /// Counts newly committed tail bytes of a partition, up to `upto`, and drops the oldest committed
  /// ones of any partition that no longer fit.
  void tail_committed(const std::shared_ptr<PartitionLog>& log, model::Offset upto,
                      std::size_t bytes);

  /// By key.
  std::vector<std::shared_ptr<PartitionLog>> list() const;
  std::size_t size() const { return logs_.size(); }
  std::size_t tail_bytes() const { return tail_bytes_; }

  /// What the indexes of all partitions refer to.
  ObjectTable& objects() { return *objects_; }

 private:
  struct TailPiece {
    std::weak_ptr<PartitionLog> log;
    model::Offset upto;
    std::size_t bytes = 0;
  };

  std::size_t tail_bytes_max_;
  std::size_t tail_bytes_ = 0;
  std::deque<TailPiece> tail_pieces_;  ///< In commit order.
  std::unordered_map<model::TopicPartition, std::shared_ptr<PartitionLog>> logs_;
  std::shared_ptr<ObjectTable> objects_ = ObjectTable::make();
};

}  // namespace streamhouse::partition
