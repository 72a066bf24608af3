// Leases: which session leads which partition (rule P11).
#include <algorithm>
#include <set>
#include <span>

#include "metadata/dynamodb/driver/take_front.h"
#include "metadata/dynamodb/driver/transaction.h"
#include "metadata/dynamodb/dynamodb_metadata_store.h"
#include "metadata/dynamodb/items/keys.h"
#include "metadata/dynamodb/tables/changes.h"
#include "metadata/dynamodb/tables/partition_rows.h"
#include "metadata/dynamodb/tables/sessions.h"
#include "metadata/rules/topic_rules.h"

namespace streamhouse::metadata {

using base::Errc;
using base::make_error;
using namespace dynamodb;

namespace {

/// Partitions and topics of one transaction, beside the session and the feed.
constexpr std::size_t kTouchedMax = 96;

using Answers = std::vector<Result<Partition>>;

/// A partition of an acquisition, as it was read and as it is to be.
struct LeasedRow {
  Partition row = {};
  Item item = {};  ///< As it was read, or nothing.
  bool is_taken = false;
};

/// Requests of at most kTouchedMax partitions and topics. Answers rows without what is chunked.
struct AcquireSome {
  SessionId session;
  std::vector<AcquireRequest> requests;

  Task<Result<Answers>> run(Transaction& transaction) const {
    SH_CO_TRY_OK(co_await load(transaction));
    SH_CO_TRY_OK(check_live(transaction, session));
    std::map<TopicPartition, LeasedRow> rows;
    NewChanges changes;
    Answers answers;
    for (const AcquireRequest& request : requests) {
      answers.push_back(acquire(transaction, rows, request));
      const auto row = rows.find(request.key);
      if (row == rows.end() || !row->second.is_taken) continue;
      row->second.is_taken = false;
      changes.emplace_back(ChangeKind::kLease, lease_text(request.key));
    }
    if (changes.empty()) co_return answers;
    SH_CO_TRY_OK(co_await mark_chunks(transaction.table()));
    SH_CO_TRY_OK(co_await add_changes(transaction, std::move(changes)));
    co_return answers;
  }

 private:
  Task<Status> load(Transaction& transaction) const {
    std::vector<Key> keys = {session_key(session)};
    for (const AcquireRequest& request : requests) {
      keys.push_back(topic_key(request.key.topic));
      keys.push_back(partition_key(request.key));
    }
    co_return co_await transaction.load(std::move(keys));
  }

  Result<Partition> acquire(Transaction& transaction, std::map<TopicPartition, LeasedRow>& rows,
                            const AcquireRequest& request) const {
    const TopicPartition key = request.key;
    const Item* const topic_item = transaction.find(topic_key(key.topic));
    if (topic_item == nullptr) return gone(key);
    SH_TRY(const StoredTopic topic, topic_of(*topic_item));
    if (topic.is_purged) return gone(key);
    const Item* const item = transaction.find(partition_key(key));
    if (topic.has(key.partition) && !rows.contains(key))
      rows[key] = {partition_of(topic, key.partition, item), item ? *item : Item(), false};
    const auto found = rows.find(key);
    const bool there = found != rows.end();
    if (there && found->second.row.owner == session &&
        found->second.row.epoch.value() - 1 == request.expected_epoch.value())
      return found->second.row;
    if (topic.topic.state != TopicState::kLive) return gone(key);
    if (!there) return partition_not_found(key);
    return take(transaction, found->second, request);
  }

  static base::Error gone(TopicPartition key) {
    return make_error(Errc::kTopicNotFound, "the topic of " + to_string(key) + " is gone");
  }

  Result<Partition> take(Transaction& transaction, LeasedRow& leased,
                         const AcquireRequest& request) const {
    Partition& row = leased.row;
    if (row.owner != model::kNoSession || row.epoch != request.expected_epoch)
      return make_error(Errc::kConflict, "partition " + to_string(row.key) +
                                             " is led by another session, or its epoch moved");
    row.owner = session;
    row.epoch = LeaderEpoch(row.epoch.value() + 1);
    row.since_seq = request.since_seq;
    row.acquired_ms = row.updated_ms = transaction.now();
    for (const auto& [name, value] : item_of(row).values()) leased.item.set(name, value);
    transaction.put(partition_key(row.key), leased.item);
    leased.is_taken = true;
    return row;
  }

  /// Where the session's partitions are looked for. Too many marks do no harm, so they need not be
  /// part of the transaction; they come before it.
  Task<Status> mark_chunks(Table& table) const {
    std::set<Key> marks;
    for (const AcquireRequest& request : requests)
      marks.insert(led_chunk_key(session, request.key.topic, chunk_of(request.key.partition)));
    std::vector<Write> writes;
    for (const Key& mark : marks) writes.push_back({.key = mark});
    co_return co_await table.write_all(std::move(writes));
  }
};

/// The first of the requests, as many as one transaction takes; at least one, if there is any.
std::vector<AcquireRequest> take_some(std::span<const AcquireRequest>& requests) {
  std::set<model::TopicNo> topics;
  std::size_t size = 0;
  for (; size < requests.size(); ++size) {
    topics.insert(requests[size].key.topic);
    if (size + 1 + topics.size() > kTouchedMax) break;
  }
  return take_front(requests, size);
}

}  // namespace

Task<Result<Answers>> DynamodbMetadataStore::acquire_leases(SessionId session,
                                                            std::vector<AcquireRequest> requests) {
  Answers answers;
  std::span<const AcquireRequest> left(requests);
  do {
    AcquireSome some{.session = session, .requests = take_some(left)};
    auto few = co_await transact(table_, std::move(some));
    if (!few) co_return answers.empty() ? few.error() : behind_applied(few.error());
    std::ranges::move(*few, std::back_inserter(answers));
  } while (!left.empty());
  std::vector<TopicPartition> acquired;
  for (const Result<Partition>& answer : answers)
    if (answer) acquired.push_back(answer->key);
  PartitionReader reader(table_);
  const auto rows = co_await reader.some(std::move(acquired));
  if (!rows) co_return behind_applied(rows.error());
  for (Result<Partition>& answer : answers) {
    if (!answer) continue;
    const auto row = std::ranges::find(*rows, answer->key, &Partition::key);
    if (row == rows->end() || row->epoch != answer->epoch) continue;
    answer->producers = row->producers;
    answer->visible_high_watermark = row->visible_high_watermark;
  }
  co_return answers;
}

Task<Result<std::vector<Lease>>> DynamodbMetadataStore::leases_of(std::vector<Partition> rows) {
  std::erase_if(rows, [](const Partition& row) { return row.owner == model::kNoSession; });
  std::set<Key> keys;
  for (const Partition& row : rows) keys.insert(session_key(row.owner));
  SH_CO_TRY(const auto sessions, co_await table_.get_all({keys.begin(), keys.end()}));
  std::map<SessionId, std::string> agent_ids;
  std::set<Key> agent_keys;
  for (const Item& item : sessions) {
    const Session session = session_of(item).session;
    agent_ids[session.id] = session.agent_id;
    agent_keys.insert(agent_key(session.agent_id));
  }
  SH_CO_TRY(const auto items, co_await table_.get_all({agent_keys.begin(), agent_keys.end()}));
  std::map<std::string, Agent> agents;
  for (const Item& item : items) {
    SH_CO_TRY(Agent agent, agent_of(item));
    agents[agent.info.agent_id] = std::move(agent);
  }
  std::vector<Lease> leases;
  for (const Partition& row : rows) {
    Lease& lease = leases.emplace_back();
    lease = {.key = row.key,
             .session = row.owner,
             .agent_id = agent_ids[row.owner],
             .epoch = row.epoch,
             .acquired_ms = row.acquired_ms};
    const auto agent = agents.find(lease.agent_id);
    if (agent == agents.end() || agent->second.session != row.owner) continue;
    lease.address = agent->second.info.address;
    lease.expires_ms = agent->second.expires_ms;
  }
  co_return leases;
}

Task<Result<Lease>> DynamodbMetadataStore::get_lease(TopicPartition key) {
  SH_CO_TRY(Partition row, co_await get_partition(key));
  if (row.owner == model::kNoSession)
    co_return make_error(Errc::kNotFound, "partition " + to_string(key) + " has no leader");
  SH_CO_TRY(auto leases, co_await leases_of({std::move(row)}));
  co_return std::move(leases.front());
}

Task<Result<std::vector<Lease>>> DynamodbMetadataStore::list_leases(
    std::optional<model::TopicNo> topic) {
  const model::TopicNo after(topic ? topic->value() - 1 : 0);
  const std::size_t limit = topic ? 1 : SIZE_MAX;
  std::vector<Partition> rows;
  PartitionReader reader(table_);
  if (!topic || topic->value() > 0) {
    SH_CO_TRY(const auto topics, co_await list_stored_topics(table_, after, limit));
    for (const StoredTopic& one : topics) {
      if (topic && one.topic.no != *topic) continue;
      SH_CO_TRY(auto some, co_await reader.of_topic(one));
      std::ranges::move(some, std::back_inserter(rows));
    }
  }
  co_return co_await leases_of(std::move(rows));
}

}  // namespace streamhouse::metadata
