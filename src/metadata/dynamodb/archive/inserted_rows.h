#pragma once
/// \file  Rows of an archive, noted as items in a transaction of an import. Rows that are there
/// already stay as they are.

#include "metadata/archive.h"
#include "metadata/dynamodb/driver/transaction.h"

namespace streamhouse::metadata::dynamodb {

// Chunks of large values are written at once. Errors: kInvalid for a row of something that is not
// there, such as a partition without its topic, and for the cluster.
Task<Status> insert_into(Transaction& transaction, std::vector<ClusterRow> rows);
/// With their names and ids.
Task<Status> insert_into(Transaction& transaction, std::vector<Topic> rows);
/// Only those that differ from what a partition without an item is taken for.
Task<Status> insert_into(Transaction& transaction, std::vector<Partition> rows);
Task<Status> insert_into(Transaction& transaction, std::vector<Session> rows);
/// With the totals of their commits; a seal is noted in its session too.
Task<Status> insert_into(Transaction& transaction, std::vector<SessionLogRow> rows);
Task<Status> insert_into(Transaction& transaction, std::vector<SessionCheckpoint> rows);
/// Counted.
Task<Status> insert_into(Transaction& transaction, std::vector<StoredObject> rows);
Task<Status> insert_into(Transaction& transaction, std::vector<Segment> rows);
Task<Status> insert_into(Transaction& transaction, std::vector<Group> rows);
Task<Status> insert_into(Transaction& transaction, std::vector<StoredOffset> rows);
Task<Status> insert_into(Transaction& transaction, std::vector<StoredGroupFloor> rows);
Task<Status> insert_into(Transaction& transaction, std::vector<Setting> rows);

}  // namespace streamhouse::metadata::dynamodb
