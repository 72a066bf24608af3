// Topics: creation, change, deletion.
#include <algorithm>

#include "metadata/dynamodb/driver/transaction.h"
#include "metadata/dynamodb/dynamodb_metadata_store.h"
#include "metadata/dynamodb/items/keys.h"
#include "metadata/dynamodb/tables/changes.h"
#include "metadata/dynamodb/tables/partition_rows.h"
#include "metadata/dynamodb/tables/topic_rows.h"
#include "metadata/rules/topic_rules.h"

namespace streamhouse::metadata {

using base::Errc;
using base::make_error;
using namespace dynamodb;

namespace {

/// Creations meet at the counter of numbers.
struct CreateTopic {
  NewTopic wanted;

  Task<Result<Topic>> run(Transaction& transaction) const {
    const Key counter = counter_key("topic_no");
    const Key name_key = topic_name_key(wanted.name);
    SH_CO_TRY(const auto same, co_await find_topic(transaction, wanted.id));
    if (same && same->topic.name == wanted.name) co_return same->topic;
    if (same)
      co_return make_error(Errc::kExists, "topic id " + to_string(wanted.id) + " is that of '" +
                                              same->topic.name + "', not of '" + wanted.name + "'");
    SH_CO_TRY_OK(co_await transaction.load({counter, name_key}));
    NameClaim claim = claim_of(transaction.find(name_key));
    SH_CO_TRY_OK(co_await check_name_is_free(transaction.table(), claim));
    const Item* const newest = transaction.find(counter);
    const std::int64_t number = (newest ? newest->number("value") : 0) + 1;
    const model::TopicNo no(static_cast<std::uint32_t>(number));
    StoredTopic stored{.topic = created_topic(wanted, no, transaction.now())};
    SH_CO_TRY(Item item, item_of(stored));
    transaction.put_new(topic_key(stored.topic.no), std::move(item));
    transaction.put(topic_id_key(wanted.id), {{"no", number}});
    claim.live = stored.topic.no;
    transaction.put(name_key, item_of(claim));
    transaction.put(counter, {{"value", number}});
    SH_CO_TRY_OK(co_await add_topic_change(transaction, stored.topic.no));
    co_return stored.topic;
  }

 private:
  Task<Status> check_name_is_free(Table& table, NameClaim claim) const {
    if (claim.live != model::TopicNo(0))
      co_return make_error(Errc::kTopicExists, "topic '" + wanted.name + "' exists");
    for (const model::TopicNo no : claim.deleting) {
      SH_CO_TRY(const auto item, co_await table.get(topic_key(no)));
      if (!item) continue;
      SH_CO_TRY(const StoredTopic old, topic_of(*item));
      if (old.is_purged) continue;
      SH_CO_TRY(const bool is_led, co_await has_unrecovered_owner(table, old));
      if (is_led)
        co_return make_error(Errc::kConflict, "the deleted topic '" + wanted.name +
                                                  "' still has a leader: try again");
    }
    co_return Status{};
  }
};

struct DeleteTopic {
  model::TopicId id;

  Task<Result<std::optional<Topic>>> run(Transaction& transaction) const {
    SH_CO_TRY(auto found, co_await find_topic(transaction, id));
    if (!found) co_return std::optional<Topic>();
    StoredTopic& stored = *found;
    if (stored.topic.state == TopicState::kDeleting) co_return std::optional(stored.topic);
    const Key name_key = topic_name_key(stored.topic.name);
    SH_CO_TRY(const Item* const item, co_await transaction.get(name_key));
    NameClaim claim = claim_of(item);
    if (claim.live == stored.topic.no) claim.live = model::TopicNo(0);
    claim.deleting.push_back(stored.topic.no);
    transaction.put(name_key, item_of(claim));
    stored.topic.state = TopicState::kDeleting;
    SH_CO_TRY_OK(co_await store_changed(transaction, stored));
    co_return std::optional(stored.topic);
  }
};

struct UpdateConfig {
  std::string name;
  TopicChange change;

  Task<Result<Topic>> run(Transaction& transaction) const {
    SH_CO_TRY(StoredTopic stored, co_await require_live_topic(transaction, name));
    SH_CO_TRY(Topic changed, changed_by(stored.topic, change));
    if (changed == stored.topic) co_return changed;
    stored.topic = std::move(changed);
    SH_CO_TRY_OK(co_await store_changed(transaction, stored));
    co_return stored.topic;
  }
};

struct AddPartitions {
  std::string name;
  std::int32_t count;

  Task<Result<Topic>> run(Transaction& transaction) const {
    SH_CO_TRY(StoredTopic stored, co_await require_live_topic(transaction, name));
    const std::int32_t before = stored.topic.partition_count;
    if (count == before) co_return stored.topic;
    SH_CO_TRY_OK(check_partition_count(stored.topic, count));
    stored.growth.push_back({.first = before, .at_ms = transaction.now()});
    stored.topic.partition_count = count;
    SH_CO_TRY_OK(co_await store_changed(transaction, stored));
    co_return stored.topic;
  }
};

}  // namespace

Task<Result<Topic>> DynamodbMetadataStore::create_topic(NewTopic topic) {
  SH_CO_TRY_OK(check_new_topic(topic));
  co_return co_await transact(table_, CreateTopic{.wanted = std::move(topic)});
}

Task<Result<std::optional<Topic>>> DynamodbMetadataStore::delete_topic(model::TopicId id) {
  co_return co_await transact(table_, DeleteTopic{.id = id});
}

Task<Result<Topic>> DynamodbMetadataStore::get_topic(TopicRef wanted) {
  Transaction transaction(table_);
  if (const auto* name = std::get_if<std::string>(&wanted)) {
    SH_CO_TRY(StoredTopic stored, co_await require_live_topic(transaction, *name));
    co_return std::move(stored.topic);
  }
  std::optional<StoredTopic> found;
  if (const auto* id = std::get_if<model::TopicId>(&wanted)) {
    SH_CO_TRY(found, co_await find_topic(transaction, *id));
  } else {
    SH_CO_TRY(found, co_await find_topic(transaction, std::get<model::TopicNo>(wanted)));
  }
  if (found) co_return std::move(found->topic);
  co_return make_error(Errc::kTopicNotFound, "no topic has that id or number");
}

Task<Result<std::vector<Topic>>> DynamodbMetadataStore::list_topics(model::TopicNo after,
                                                                    std::size_t limit) {
  SH_CO_TRY(auto stored, co_await list_stored_topics(table_, after, limit));
  std::vector<Topic> topics;
  for (StoredTopic& one : stored) topics.push_back(std::move(one.topic));
  co_return topics;
}

Task<Result<Topic>> DynamodbMetadataStore::update_topic_config(std::string name,
                                                               TopicChange change) {
  UpdateConfig update{.name = std::move(name), .change = std::move(change)};
  co_return co_await transact(table_, std::move(update));
}

Task<Result<Topic>> DynamodbMetadataStore::create_partitions(std::string name, std::int32_t count) {
  co_return co_await transact(table_, AddPartitions{.name = std::move(name), .count = count});
}

}  // namespace streamhouse::metadata
