// Objects, live and dead, and the end of segments.
#include <algorithm>
#include <tuple>

#include "metadata/dynamodb/driver/take_front.h"
#include "metadata/dynamodb/driver/transaction.h"
#include "metadata/dynamodb/dynamodb_metadata_store.h"
#include "metadata/dynamodb/items/keys.h"
#include "metadata/dynamodb/tables/object_rows.h"
#include "metadata/dynamodb/tables/partition_rows.h"

namespace streamhouse::metadata {

using base::Errc;
using base::make_error;
using namespace dynamodb;

namespace {

constexpr std::size_t kForgottenObjectsMax = 90;

struct ForgetObjects {
  std::vector<std::string> keys;

  Task<Status> run(Transaction& transaction) const {
    std::vector<Key> places;
    for (const std::string& key : keys) places.push_back(dead_object_key(key));
    SH_CO_TRY_OK(co_await transaction.load(places));
    ObjectCounts counts;
    for (const Key& place : places) {
      const Item* const item = transaction.find(place);
      if (item == nullptr) continue;
      counts.remove(object_of(*item).row);
      transaction.remove(place);
    }
    co_return co_await counts.store(transaction);
  }
};

/// By key, greater than `after`, at most `limit`.
Task<Result<std::vector<ObjectRow>>> objects_after(Table& table, std::string pk, std::string after,
                                                   std::size_t limit) {
  Range range = Range::after(std::move(pk), of_user(after));
  SH_CO_TRY(const auto items, co_await table.query(std::move(range).limited(limit)));
  std::vector<ObjectRow> rows;
  for (const Item& item : items) rows.push_back(object_of(item).row);
  co_return rows;
}

/// Commits of a log that are not void.
Task<Result<ObjectCount>> count_log(Table& table, StoredSession session) {
  std::int64_t objects = session.total_objects;
  std::int64_t bytes = session.total_bytes;
  if (!session.seal) {
    SH_CO_TRY(const StoredRow end, co_await newest_row(table, session.session.id));
    objects = end.total_objects;
    bytes = end.total_bytes;
  }
  co_return ObjectCount{.objects = static_cast<std::uint64_t>(objects - session.trimmed_objects),
                        .bytes = static_cast<std::uint64_t>(bytes - session.trimmed_bytes)};
}

}  // namespace

Task<Result<std::size_t>> DynamodbMetadataStore::delete_segments_before(TopicPartition key,
                                                                        Offset before,
                                                                        std::size_t limit) {
  SH_CO_TRY(const Partition row, co_await get_partition(key));
  const Offset end = std::min(before, row.log_start);
  const std::string pk = segments_key(key.topic, chunk_of(key.partition));
  const std::string prefix = segments_prefix(key.partition);
  Range range = Range::between(pk, prefix, prefix + padded(end.value()) + "$");
  SH_CO_TRY(const auto items, co_await table_.query(std::move(range)));
  SH_CO_TRY(const auto live, co_await live_objects(table_, items));
  std::vector<ForgottenSegment> segments;
  for (const Item& item : items) {
    const std::string object = item.text("object");
    if (live.contains(object) && segments.size() < limit)
      segments.push_back({{pk, item.text(kSortKey)}, object});
  }
  SH_CO_TRY_OK(co_await forget_segments(table_, segments));
  co_return segments.size();
}

/// An object that dies between the two reads is in both, or in neither page.
Task<Result<std::vector<ObjectRow>>> DynamodbMetadataStore::list_objects(std::string after,
                                                                         std::size_t limit) {
  SH_CO_TRY(auto live, co_await objects_after(table_, kLiveObjectsKey, after, limit));
  SH_CO_TRY(const auto dead, co_await objects_after(table_, kDeadObjectsKey, after, limit));
  std::map<std::string, ObjectRow> rows;
  for (ObjectRow& row : live) rows[row.key] = std::move(row);
  for (const ObjectRow& row : dead) rows[row.key] = row;
  std::vector<ObjectRow> page;
  for (auto& [key, row] : rows)
    if (page.size() < limit) page.push_back(std::move(row));
  co_return page;
}

Task<Result<std::vector<ObjectCount>>> DynamodbMetadataStore::count_objects() {
  SH_CO_TRY(const auto sessions, co_await list_stored_sessions(table_, SessionId(0), SIZE_MAX));
  ObjectCount flushed;
  for (const StoredSession& session : sessions) {
    SH_CO_TRY(const ObjectCount one, co_await count_log(table_, session));
    flushed.objects += one.objects;
    flushed.bytes += one.bytes;
  }
  SH_CO_TRY(const auto item, co_await table_.get(object_counts_key()));
  std::vector<ObjectCount> counts = ObjectCounts::of(item ? &*item : nullptr);
  if (flushed.objects > 0) counts.insert(counts.begin(), flushed);
  co_return counts;
}

/// Dead objects stay for their grace only, so there are few.
Task<Result<std::vector<ObjectRow>>> DynamodbMetadataStore::list_dead(DatabaseMs dead_before_ms,
                                                                      std::size_t limit) {
  SH_CO_TRY(auto dead, co_await objects_after(table_, kDeadObjectsKey, "", SIZE_MAX));
  std::erase_if(dead, [&](const ObjectRow& row) { return row.dead_ms >= dead_before_ms; });
  std::ranges::sort(dead, {}, [](const ObjectRow& row) { return std::tie(row.dead_ms, row.key); });
  if (dead.size() > limit) dead.resize(limit);
  co_return dead;
}

Task<Status> DynamodbMetadataStore::forget_objects(std::vector<std::string> keys) {
  std::span<const std::string> rest(keys);
  while (!rest.empty()) {
    ForgetObjects some{.keys = take_front(rest, kForgottenObjectsMax)};
    SH_CO_TRY_OK(co_await transact(table_, std::move(some)));
  }
  co_return Status{};
}

/// The log comes first, the live ones next: what a commit becomes meanwhile is found further on.
Task<Result<NamedObjects>> DynamodbMetadataStore::named_objects(SessionId session) {
  SH_CO_TRY(const StoredSession stored, co_await read_session(table_, session));
  NamedObjects named{.seal = stored.seal};
  const std::string trimmed = padded(stored.session.trimmed_to.value());
  SH_CO_TRY(const auto rows, co_await table_.query(Range::after(log_key(session), trimmed)));
  for (const Item& item : rows) {
    const StoredRow row = row_of(item);
    if (row.row.kind == RowKind::kCommit) named.commits.push_back(row.row.seq);
  }
  SH_CO_TRY(const auto live, co_await table_.query(Range::whole(kLiveObjectsKey)));
  SH_CO_TRY(const auto dead, co_await table_.query(Range::whole(kDeadObjectsKey)));
  for (const auto& [items, keys] : {std::pair(&live, &named.live), {&dead, &named.dead}}) {
    for (const Item& item : *items) {
      const StoredObject object = object_of(item);
      if (object.session == session) keys->push_back(object.row.key);
    }
  }
  co_return named;
}

}  // namespace streamhouse::metadata
