#pragma once
/// \file  Partition rows, as several operations lock, read and write them.

#include <span>

#include "metadata/metadata_store.h"
#include "metadata/postgres/driver/connection.h"

namespace streamhouse::metadata::postgres {

/// Keys as two columns, for unnest.
struct KeyColumns {
  std::vector<model::TopicNo> topics = {};
  std::vector<model::PartitionIndex> partitions = {};
  void push_back(TopicPartition key) {
    topics.push_back(key.topic);
    partitions.push_back(key.partition);
  }
};
KeyColumns columns_of(std::span<const TopicPartition> keys);

Result<std::optional<Partition>> find_partition(Connection& db, TopicPartition key);
/// Errors: kPartitionNotFound.
Result<Partition> require_partition(Connection& db, TopicPartition key);
/// Those that are there, by key, with what was shown of them before they got their leader
/// (raise_visible). Requires: sorted, none twice.
Result<std::vector<Partition>> find_partitions(Connection& db,
                                               std::span<const TopicPartition> keys);
Result<std::vector<Partition>> partitions_of_owner(Connection& db, SessionId owner);

/// Rules P6 and P10: frees the partitions with their final states where `owner` and the entry's
/// epoch are the row's; returns how many. Ends with the change feed.
Result<std::size_t> free_partitions(Connection& db, SessionId owner,
                                    const segment::CheckpointTable& final_states);

}  // namespace streamhouse::metadata::postgres
