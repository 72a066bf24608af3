#pragma once
/// \file  Topics, as transactions find and store them.

#include "metadata/dynamodb/driver/transaction.h"
#include "metadata/dynamodb/items/rows.h"

namespace streamhouse::metadata::dynamodb {

/// nullopt if it is gone.
Task<Result<std::optional<StoredTopic>>> find_topic(Transaction& transaction, model::TopicNo no);
Task<Result<std::optional<StoredTopic>>> find_topic(Transaction& transaction, model::TopicId id);
/// Errors: kTopicNotFound.
Task<Result<StoredTopic>> require_live_topic(Transaction& transaction, std::string name);

/// Notes a changed topic: a new version, which it gets, and a line in the feed. `stored` outlives
/// the call. Requires: it was read in the transaction.
Task<Status> store_changed(Transaction& transaction, StoredTopic& stored);

}  // namespace streamhouse::metadata::dynamodb
