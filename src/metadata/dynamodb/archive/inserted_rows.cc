#include "metadata/dynamodb/archive/inserted_rows.h"

#include <set>

#include "metadata/dynamodb/items/blobs.h"
#include "metadata/dynamodb/items/keys.h"
#include "metadata/dynamodb/tables/object_rows.h"
#include "metadata/dynamodb/tables/partition_rows.h"
#include "metadata/dynamodb/tables/sessions.h"

namespace streamhouse::metadata::dynamodb {

using base::Errc;
using base::make_error;

namespace {

base::Error has_no(const char* what, const std::string& of) {
  return make_error(Errc::kInvalid, std::string("there is no ") + what + " " + of + " of a row");
}

/// Loads the items at `key_of(row)` of all rows.
template <class Row, class KeyOf>
Task<Status> load_of(Transaction& transaction, std::vector<Row> rows, KeyOf key_of) {
  std::vector<Key> keys;
  for (const Row& row : rows) keys.push_back(key_of(row));
  co_return co_await transaction.load(std::move(keys));
}

/// Rows that are an item each.
template <class Row, class KeyOf>
Task<Status> insert_items(Transaction& transaction, std::vector<Row> rows, KeyOf key_of) {
  SH_CO_TRY_OK(co_await load_of(transaction, rows, key_of));
  for (const Row& row : rows) {
    const Key key = key_of(row);
    if (transaction.find(key) == nullptr) transaction.put(key, item_of(row));
  }
  co_return Status{};
}

Key key_of(const Segment& row) {
  return segment_key(row.key, row.location.offsets.next, row.location.object_key);
}
Key key_of(const StoredObject& row) {
  return row.row.state == ObjectState::kLive ? live_object_key(row.row.key)
                                             : dead_object_key(row.row.key);
}

}  // namespace

Task<Status> insert_into(Transaction&, std::vector<ClusterRow>) {
  co_return make_error(Errc::kInvalid, "the cluster is set by begin_import");
}

Task<Status> insert_into(Transaction& transaction, std::vector<Topic> rows) {
  std::vector<Key> keys;
  for (const Topic& row : rows) {
    keys.push_back(topic_key(row.no));
    keys.push_back(topic_id_key(row.id));
    keys.push_back(topic_name_key(row.name));
  }
  SH_CO_TRY_OK(co_await transaction.load(std::move(keys)));
  std::map<Key, NameClaim> claims;
  for (const Topic& row : rows) {
    if (transaction.find(topic_key(row.no)) != nullptr) continue;
    SH_CO_TRY(Item item, item_of(StoredTopic{.topic = row}));
    transaction.put(topic_key(row.no), std::move(item));
    transaction.put(topic_id_key(row.id), {{"no", std::int64_t{row.no.value()}}});
    const Key name = topic_name_key(row.name);
    NameClaim& claim = claims.try_emplace(name, claim_of(transaction.find(name))).first->second;
    if (row.state == TopicState::kLive)
      claim.live = row.no;
    else
      claim.deleting.push_back(row.no);
  }
  for (const auto& [key, claim] : claims) transaction.put(key, item_of(claim));
  co_return Status{};
}

namespace {

/// Partitions of an import, and what their topics have to say about when they were created.
class PartitionInsert {
 public:
  explicit PartitionInsert(Transaction& transaction) : transaction_(transaction) {}

  Task<Status> run(std::vector<Partition> rows) {
    std::vector<Key> keys;
    for (const Partition& row : rows) {
      keys.push_back(topic_key(row.key.topic));
      keys.push_back(partition_key(row.key));
    }
    SH_CO_TRY_OK(co_await transaction_.load(std::move(keys)));
    for (const Partition& row : rows) {
      if (transaction_.find(partition_key(row.key)) == nullptr) SH_CO_TRY_OK(co_await insert(row));
    }
    for (const model::TopicNo no : grown_) {
      SH_CO_TRY(Item item, item_of(topics_[no]));
      transaction_.put(topic_key(no), std::move(item));
    }
    std::vector<Write> marks;
    for (const Key& mark : marks_) marks.push_back({.key = mark});
    co_return co_await transaction_.table().write_all(std::move(marks));
  }

 private:
  Task<Status> insert(Partition row) {
    const model::PartitionIndex index = row.key.partition;
    const Item* const topic_item = transaction_.find(topic_key(row.key.topic));
    if (topic_item == nullptr) co_return has_no("topic", to_string(row.key));
    if (!topics_.contains(row.key.topic)) {
      SH_CO_TRY(topics_[row.key.topic], topic_of(*topic_item));
    }
    StoredTopic& topic = topics_[row.key.topic];
    if (topic.created_ms(index) != row.created_ms) {
      topic.growth.push_back({.first = index.value(), .at_ms = row.created_ms});
      grown_.insert(row.key.topic);
    }
    if (row == partition_of(topic, index, nullptr)) co_return Status{};
    Item item = item_of(row);
    const std::int32_t chunk = chunk_of(index);
    BlobPlace place{.pk = producers_key(row.key.topic, chunk),
                    .name = partition_text(index) + "#" + padded(row.epoch.value())};
    SH_CO_TRY(const BlobRef producers, co_await store_blob(transaction_.table(), std::move(place),
                                                           row.producers, kInlineInTransactionMax));
    producers.set(item, kProducers);
    transaction_.put(partition_key(row.key), std::move(item));
    if (row.owner != model::kNoSession)
      marks_.insert(led_chunk_key(row.owner, row.key.topic, chunk));
    co_return Status{};
  }

  Transaction& transaction_;
  std::map<model::TopicNo, StoredTopic> topics_;
  std::set<model::TopicNo> grown_;
  std::set<Key> marks_;
};

}  // namespace

Task<Status> insert_into(Transaction& transaction, std::vector<Partition> rows) {
  PartitionInsert insert(transaction);
  co_return co_await insert.run(std::move(rows));
}

Task<Status> insert_into(Transaction& transaction, std::vector<Session> rows) {
  SH_CO_TRY_OK(co_await load_of(transaction, rows, [](auto& row) { return session_key(row.id); }));
  for (const Session& row : rows) {
    if (transaction.find(session_key(row.id)) != nullptr) continue;
    transaction.put(session_key(row.id), item_of(StoredSession{.session = row}));
    if (row.state == SessionState::kRecovered) continue;
    transaction.put(unrecovered_key(row.id), {{"agent", row.agent_id}});
  }
  co_return Status{};
}

namespace {

/// Rows of logs in the order of seq. Void rows count for nobody, so totals begin behind them.
class LogInsert {
 public:
  explicit LogInsert(Transaction& transaction) : transaction_(transaction) {}

  Task<Status> run(std::vector<SessionLogRow> rows) {
    std::vector<Key> keys;
    for (const SessionLogRow& one : rows) {
      keys.push_back(session_key(one.session));
      keys.push_back(row_key(one.session, one.row.seq));
      keys.push_back(row_key(one.session, one.row.seq - 1));
    }
    SH_CO_TRY_OK(co_await transaction_.load(std::move(keys)));
    for (const SessionLogRow& one : rows)
      if (transaction_.find(row_key(one.session, one.row.seq)) == nullptr)
        SH_CO_TRY_OK(co_await insert(one));
    co_return Status{};
  }

 private:
  Task<Status> insert(SessionLogRow one) {
    const Item* const session_item = transaction_.find(session_key(one.session));
    if (session_item == nullptr) co_return has_no("session", to_string(one.session));
    StoredSession session = session_of(*session_item);
    const LogRow& row = one.row;
    StoredRow stored{.row = row};
    const bool is_void = row.seq > Seq(0) && row.seq <= session.session.trimmed_to;
    if (!is_void) count(one.session, stored);
    BlobPlace place{.pk = session_blobs_key(one.session), .name = "L" + padded(row.seq.value())};
    auto store = store_blob(transaction_.table(), std::move(place), row.payload, kInlineBytesMax);
    SH_CO_TRY(const BlobRef payload, co_await std::move(store));
    Item item = item_of(stored);
    payload.set(item, kPayload);
    transaction_.put(row_key(one.session, row.seq), std::move(item));
    newest_[one.session] = stored;
    if (row.kind != RowKind::kSeal) co_return Status{};
    session.seal = row.seq;
    session.total_objects = stored.total_objects;
    session.total_bytes = stored.total_bytes;
    transaction_.put(session_key(one.session), item_of(session));
    co_return Status{};
  }

  /// Goes on from the row before.
  void count(SessionId session, StoredRow& stored) const {
    const LogRow& row = stored.row;
    const Item* const item = transaction_.find(row_key(session, row.seq - 1));
    const auto newest = newest_.find(session);
    StoredRow before = item ? row_of(*item) : StoredRow{};
    if (newest != newest_.end() && newest->second.row.seq + 1 == row.seq) before = newest->second;
    const bool is_commit = row.kind == RowKind::kCommit;
    stored.total_objects = before.total_objects + (is_commit ? 1 : 0);
    stored.total_bytes = before.total_bytes + static_cast<std::int64_t>(row.object_size);
  }

  Transaction& transaction_;
  std::map<SessionId, StoredRow> newest_;
};

}  // namespace

Task<Status> insert_into(Transaction& transaction, std::vector<SessionLogRow> rows) {
  LogInsert insert(transaction);
  co_return co_await insert.run(std::move(rows));
}

/// What partitions show as their high watermark stands in their rows.
Task<Status> insert_into(Transaction& transaction, std::vector<SessionCheckpoint> rows) {
  const auto key_of = [](const SessionCheckpoint& row) { return checkpoint_key(row.session); };
  SH_CO_TRY_OK(co_await load_of(transaction, rows, key_of));
  for (const SessionCheckpoint& row : rows) {
    if (transaction.find(key_of(row)) != nullptr) continue;
    BlobPlace place{.pk = session_blobs_key(row.session),
                    .name = "C" + padded(row.upto_seq.value())};
    auto store =
        store_blob(transaction.table(), std::move(place), row.partitions, kInlineInTransactionMax);
    SH_CO_TRY(const BlobRef payload, co_await std::move(store));
    Item item = item_of(CheckpointHead::of(row.upto_seq, row.partitions));
    payload.set(item, kPayload);
    item.set(kVisible, encode_visible({}));
    transaction.put(key_of(row), std::move(item));
  }
  co_return Status{};
}

Task<Status> insert_into(Transaction& transaction, std::vector<StoredObject> rows) {
  const auto key_of_row = [](const StoredObject& row) { return key_of(row); };
  SH_CO_TRY_OK(co_await load_of(transaction, rows, key_of_row));
  ObjectCounts counts;
  for (const StoredObject& row : rows) {
    if (transaction.find(key_of(row)) != nullptr) continue;
    transaction.put(key_of(row), item_of(row));
    counts.add(row.row);
  }
  co_return co_await counts.store(transaction);
}

Task<Status> insert_into(Transaction& transaction, std::vector<Segment> rows) {
  return insert_items(transaction, std::move(rows), [](const Segment& row) { return key_of(row); });
}

Task<Status> insert_into(Transaction& transaction, std::vector<Group> rows) {
  const auto key_of = [](const Group& row) { return group_key(row.group_id); };
  SH_CO_TRY_OK(co_await load_of(transaction, rows, key_of));
  for (const Group& row : rows) {
    if (transaction.find(key_of(row)) != nullptr) continue;
    const std::string incarnation = transaction.table().new_revision();
    transaction.put(key_of(row), item_of(StoredGroup{.group = row, .incarnation = incarnation}));
    transaction.put(group_list_key(row.group_id), {{"id", row.group_id}});
  }
  co_return Status{};
}

Task<Status> insert_into(Transaction& transaction, std::vector<StoredOffset> rows) {
  std::vector<Key> keys;
  for (const StoredOffset& row : rows) {
    keys.push_back(group_key(row.group_id));
    keys.push_back(offset_key(row.group_id, row.offset.key));
  }
  SH_CO_TRY_OK(co_await transaction.load(std::move(keys)));
  for (const StoredOffset& row : rows) {
    const Item* const group = transaction.find(group_key(row.group_id));
    if (group == nullptr) co_return has_no("group", row.group_id);
    const Key key = offset_key(row.group_id, row.offset.key);
    if (transaction.find(key) == nullptr)
      transaction.put(key, item_of(row.offset, group->text(kIncarnation)));
  }
  co_return Status{};
}

Task<Status> insert_into(Transaction& transaction, std::vector<StoredGroupFloor> rows) {
  return insert_items(transaction, std::move(rows),
                      [](const StoredGroupFloor& row) { return floor_key(row.shard); });
}

Task<Status> insert_into(Transaction& transaction, std::vector<Setting> rows) {
  return insert_items(transaction, std::move(rows),
                      [](const Setting& row) { return setting_key(row.key); });
}

}  // namespace streamhouse::metadata::dynamodb
