// Partition rows.
#include <set>

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

/// A transaction is visible as a whole by then, unless the service itself has failed over it.
constexpr DatabaseMs kSettledMs = 5'000;
/// For those.
constexpr DatabaseMs kFreeListMs = 60'000;

struct AdvanceLogStart {
  TopicPartition key;
  SessionId owner;
  LeaderEpoch epoch;
  Offset log_start;

  Task<Status> run(Transaction& transaction) const {
    const Key place = partition_key(key);
    SH_CO_TRY_OK(co_await transaction.load({topic_key(key.topic), place}));
    SH_CO_TRY(const auto topic, co_await find_topic(transaction, key.topic));
    if (!topic || !topic->has(key.partition)) co_return partition_not_found(key);
    const Item* const item = transaction.find(place);
    Partition row = partition_of(*topic, key.partition, item);
    if (row.owner != owner || row.epoch != epoch)
      co_return make_error(Errc::kFenced,
                           "partition " + to_string(key) + " has another leader or epoch");
    if (log_start <= row.log_start) co_return Status{};
    Item next = item ? *item : item_of(row);
    next.set("start", log_start.value());
    next.set("updated", transaction.now());
    transaction.put(place, std::move(next));
    co_return Status{};
  }
};

/// An acquisition that was decided before its session was sealed, and became visible after that had
/// been recovered: nobody else frees it, and nobody has written under it.
struct FreeAbandoned {
  TopicPartition key;
  SessionId owner;

  Task<Status> run(Transaction& transaction) const {
    const Key place = partition_key(key);
    SH_CO_TRY_OK(co_await transaction.load({session_key(owner), place}));
    const Item* const session = transaction.find(session_key(owner));
    const Item* const item = transaction.find(place);
    if (session == nullptr || item == nullptr || session_of(item->text("owner")) != owner)
      co_return Status{};
    if (session_of(*session).session.state != SessionState::kRecovered) co_return Status{};
    Item next = *item;
    next.set("owner", std::string());
    next.set("epoch", item->number("epoch") + 1);
    next.set("updated", transaction.now());
    transaction.put(place, std::move(next));
    co_return co_await add_change(transaction, ChangeKind::kLease, lease_text(key));
  }
};

Task<Status> free_abandoned(Table& table, std::map<TopicPartition, SessionId> led) {
  std::set<Key> keys;
  for (const auto& [key, owner] : led) keys.insert(session_key(owner));
  SH_CO_TRY(const auto items, co_await table.get_all({keys.begin(), keys.end()}));
  std::set<SessionId> recovered;
  for (const Item& item : items) {
    const Session session = session_of(item).session;
    if (session.state == SessionState::kRecovered) recovered.insert(session.id);
  }
  for (const auto& [key, owner] : led)
    if (recovered.contains(owner))
      SH_CO_TRY_OK(co_await transact(table, FreeAbandoned{.key = key, .owner = owner}));
  co_return Status{};
}

}  // namespace

Task<Result<Partition>> DynamodbMetadataStore::get_partition(TopicPartition key) {
  PartitionReader reader(table_);
  SH_CO_TRY(auto rows, co_await reader.some({key}));
  if (rows.empty()) co_return partition_not_found(key);
  co_return std::move(rows.front());
}

Task<Result<std::vector<Partition>>> DynamodbMetadataStore::list_partitions(model::TopicNo topic) {
  PartitionReader reader(table_);
  SH_CO_TRY_OK(co_await reader.learn({topic}));
  const StoredTopic* const found = reader.find_topic(topic);
  if (found == nullptr)
    co_return make_error(Errc::kTopicNotFound,
                         "there is no topic " + std::to_string(topic.value()));
  co_return co_await reader.of_topic(*found);
}

bool DynamodbMetadataStore::FreePartitions::serves(std::int64_t version_now, std::size_t limit_now,
                                                   DatabaseMs now) const {
  const bool is_settled = read_ms - version_ms >= kSettledMs;
  const DatabaseMs age = now - read_ms;
  return version == version_now && limit == limit_now && age >= 0 &&
         age < (is_settled ? kFreeListMs : kSettledMs);
}

/// While the feed has no news, no partition has become free, been taken or created, and only a
/// leader changes anything else. What is abandoned is freed, and found with the next call.
Task<Result<std::vector<Partition>>> DynamodbMetadataStore::list_free_partitions(
    std::size_t limit) {
  SH_CO_TRY(const auto head, co_await table_.get(change_head_key()));
  const std::int64_t version = head_of(head ? &*head : nullptr).latest;
  const DatabaseMs now = table_.now();
  if (free_ && free_->serves(version, limit, now)) co_return free_->rows;
  const bool is_known = free_ && free_->version == version && free_->version_ms <= now;
  const DatabaseMs version_ms = is_known ? free_->version_ms : now;
  SH_CO_TRY(const auto topics, co_await list_stored_topics(table_, model::TopicNo(0), SIZE_MAX));
  PartitionReader reader(table_);
  std::vector<Partition> free;
  std::map<TopicPartition, SessionId> led;
  for (const StoredTopic& topic : topics) {
    if (free.size() >= limit) break;
    if (topic.topic.state != TopicState::kLive) continue;
    SH_CO_TRY(auto rows, co_await reader.of_topic(topic));
    for (Partition& row : rows) {
      if (row.owner != model::kNoSession)
        led[row.key] = row.owner;
      else if (free.size() < limit)
        free.push_back(std::move(row));
    }
  }
  if (table_.access() == Access::kReadWrite)
    SH_CO_TRY_OK(co_await free_abandoned(table_, std::move(led)));
  free_ = FreePartitions{
      .version = version, .limit = limit, .rows = free, .version_ms = version_ms, .read_ms = now};
  co_return free;
}

Task<Status> DynamodbMetadataStore::advance_log_start(TopicPartition key, SessionId owner,
                                                      LeaderEpoch epoch, Offset log_start) {
  AdvanceLogStart advance{.key = key, .owner = owner, .epoch = epoch, .log_start = log_start};
  free_.reset();
  co_return co_await transact(table_, advance);
}

}  // namespace streamhouse::metadata
