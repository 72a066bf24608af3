#pragma once
/// \file  Partition rows, as several operations read and write them.

#include "metadata/metadata_store.h"
#include "metadata/sqlite/driver/connection.h"

namespace streamhouse::metadata::sqlite {

Result<std::optional<Partition>> find_partition(Connection& db, TopicPartition key);
/// Errors: kPartitionNotFound.
Result<Partition> require_partition(Connection& db, TopicPartition key);
Result<std::vector<Partition>> partitions_of_owner(Connection& db, SessionId owner);

/// Rules P6 and P10: frees the partition with its final state if `owner` and the entry's epoch are
/// the row's; returns whether.
Result<bool> free_partition(Connection& db, SessionId owner,
                            const segment::PartitionCheckpoint& entry, DatabaseMs now);

}  // namespace streamhouse::metadata::sqlite
