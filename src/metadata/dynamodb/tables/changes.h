#pragma once
/// \file  The change feed: a head that counts, and an item for each transaction that added changes.

#include "metadata/dynamodb/driver/transaction.h"
#include "metadata/metadata_store.h"

namespace streamhouse::metadata::dynamodb {

using NewChanges = std::vector<std::pair<ChangeKind, std::string>>;

/// Adds them, in order, as the newest; none is none. Whoever adds changes meets at the head, so
/// versions have no gaps and are visible in order. Requires: kChangesPerItemMax at most.
Task<Status> add_changes(Transaction& transaction, NewChanges changes);
Task<Status> add_change(Transaction& transaction, ChangeKind kind, std::string key);
Task<Status> add_topic_change(Transaction& transaction, model::TopicNo topic);
std::string lease_text(TopicPartition key);

inline constexpr std::int64_t kChangesPerItemMax = 100;

/// The head, without changes.
Changes head_of(const Item* item);
/// The changes of an item, their versions and all. Errors: kCorrupt.
Result<std::vector<Change>> changes_of(const Item& item);
Item changes_item(const NewChanges& changes);

/// The newest so many are kept; older ones go together, once there are kChangesDroppedMin of them.
inline constexpr std::int64_t kChangesKeptMin = 10'000;
inline constexpr std::int64_t kChangesDroppedMin = 500;
/// Removes items that hold none of the changes from `oldest_kept` on.
Task<Status> remove_dropped_changes(Table& table, std::int64_t oldest_kept);

}  // namespace streamhouse::metadata::dynamodb
