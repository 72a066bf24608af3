#pragma once
/// \file  The change feed, which operations write at the end of their own transactions.

#include "metadata/metadata_store.h"
#include "metadata/postgres/driver/connection.h"

namespace streamhouse::metadata::postgres {

/// Adds the next versions, in the order of the keys; now and then drops what is older than the
/// newest 100,000. Locks the feed until the transaction ends: nothing but agents' rows may be
/// locked after it.
Status add_changes(Connection& db, ChangeKind kind, const std::vector<std::string>& keys);
Status add_change(Connection& db, ChangeKind kind, const std::string& key);
Status add_topic_change(Connection& db, model::TopicNo topic);
Status add_lease_changes(Connection& db, const std::vector<TopicPartition>& keys);

}  // namespace streamhouse::metadata::postgres
