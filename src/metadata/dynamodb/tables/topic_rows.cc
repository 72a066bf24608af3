#include "metadata/dynamodb/tables/topic_rows.h"

#include "metadata/dynamodb/items/keys.h"
#include "metadata/dynamodb/tables/changes.h"
#include "metadata/rules/topic_rules.h"

namespace streamhouse::metadata::dynamodb {

Task<Result<std::optional<StoredTopic>>> find_topic(Transaction& transaction, model::TopicNo no) {
  SH_CO_TRY(const Item* const item, co_await transaction.get(topic_key(no)));
  if (item == nullptr) co_return std::optional<StoredTopic>();
  SH_CO_TRY(StoredTopic stored, topic_of(*item));
  if (stored.is_purged) co_return std::optional<StoredTopic>();
  co_return std::optional(std::move(stored));
}

Task<Result<std::optional<StoredTopic>>> find_topic(Transaction& transaction, model::TopicId id) {
  SH_CO_TRY(const Item* const item, co_await transaction.get(topic_id_key(id)));
  if (item == nullptr) co_return std::optional<StoredTopic>();
  const model::TopicNo no(static_cast<std::uint32_t>(item->number("no")));
  co_return co_await find_topic(transaction, no);
}

Task<Result<StoredTopic>> require_live_topic(Transaction& transaction, std::string name) {
  if (name.empty()) co_return topic_not_found(name);
  SH_CO_TRY(const Item* const item, co_await transaction.get(topic_name_key(name)));
  const NameClaim claim = claim_of(item);
  if (claim.live == model::TopicNo(0)) co_return topic_not_found(name);
  SH_CO_TRY(auto found, co_await find_topic(transaction, claim.live));
  if (!found || found->topic.state != TopicState::kLive) co_return topic_not_found(name);
  co_return *std::move(found);
}

Task<Status> store_changed(Transaction& transaction, StoredTopic& stored) {
  stored.topic.version += 1;
  stored.topic.updated_ms = transaction.now();
  SH_CO_TRY(Item item, item_of(stored));
  transaction.put(topic_key(stored.topic.no), std::move(item));
  co_return co_await add_topic_change(transaction, stored.topic.no);
}

}  // namespace streamhouse::metadata::dynamodb
