#pragma once
/// \file  The change feed, which operations write in their own transactions.

#include "metadata/metadata_store.h"
#include "metadata/sqlite/driver/connection.h"

namespace streamhouse::metadata::sqlite {

/// Adds the next version; now and then drops what is older than the newest 100,000.
Status add_change(Connection& db, ChangeKind kind, std::string_view key, DatabaseMs now);
Status add_topic_change(Connection& db, model::TopicNo topic, DatabaseMs now);
Status add_lease_change(Connection& db, TopicPartition key, DatabaseMs now);

}  // namespace streamhouse::metadata::sqlite
