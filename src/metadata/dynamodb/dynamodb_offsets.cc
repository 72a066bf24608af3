// Committed offsets (rule P18).
#include <algorithm>
#include <set>
#include <tuple>

#include "metadata/dynamodb/driver/take_front.h"
#include "metadata/dynamodb/dynamodb_metadata_store.h"
#include "metadata/dynamodb/items/blobs.h"
#include "metadata/dynamodb/items/keys.h"
#include "metadata/dynamodb/tables/group_rows.h"
#include "metadata/dynamodb/tables/partition_rows.h"

namespace streamhouse::metadata {

using base::Errc;
using base::make_error;
using namespace dynamodb;

namespace {

Status check_keys_differ(const std::vector<CommittedOffset>& offsets) {
  std::set<TopicPartition> keys;
  for (const CommittedOffset& offset : offsets)
    if (!keys.insert(offset.key).second)
      return make_error(Errc::kInvalid, "partition " + to_string(offset.key) + " is named twice");
  return {};
}

enum class Absent : std::uint8_t { kIsCreated, kIsAnError };

/// Few offsets are written with the group; many are stored as a whole with it, to be spread later.
struct WriteOffsets {
  ShardGuard guard;
  std::string group_id;
  std::int64_t commit_no;
  std::vector<OffsetWrite> writes;
  Absent absent;

  Task<Result<bool>> run(Transaction& transaction) const {
    SH_CO_TRY_OK(co_await check_guard(transaction, guard, group_id));
    if (absent == Absent::kIsAnError && !group_in(transaction, group_id))
      co_return make_error(Errc::kGroupNotFound, "there is no group '" + group_id + "'");
    StoredGroup wanted{.group = {.group_id = group_id, .commit_no = commit_no}};
    auto check = check_commit_no(transaction, guard, std::move(wanted));
    SH_CO_TRY(const GroupWrite write, co_await std::move(check));
    if (write == GroupWrite::kDone) co_return false;
    SH_CO_TRY_OK(co_await check_partitions(transaction.table()));
    StoredGroup next = next_group(transaction, guard, group_id, commit_no);
    if (write == GroupWrite::kCreate) next.incarnation = transaction.table().new_revision();
    Item pending;
    if (writes.size() > kOffsetsMax) {
      const std::string name = "W" + padded(commit_no);
      SH_CO_TRY(const BlobRef ref,
                co_await store_blob(transaction.table(), {group_items_key(group_id), name},
                                    encode_offsets(writes), kInlineInTransactionMax));
      ref.set(pending, kPending);
    } else {
      for (const OffsetWrite& one : writes) write_offset(transaction, next, one);
    }
    const bool is_pending = has_pending(pending);
    SH_CO_TRY_OK(co_await store_group(transaction, write, std::move(next), std::move(pending)));
    co_return is_pending;
  }

 private:
  /// Those that get an offset are there. What is purged meanwhile is not shown.
  Task<Status> check_partitions(Table& table) const {
    std::vector<model::TopicNo> topics;
    for (const OffsetWrite& write : writes)
      if (write.offset) topics.push_back(write.key.topic);
    PartitionReader reader(table);
    SH_CO_TRY_OK(co_await reader.learn(std::move(topics)));
    for (const OffsetWrite& write : writes) {
      if (!write.offset) continue;
      const StoredTopic* const topic = reader.find_topic(write.key.topic);
      if (topic == nullptr || !topic->has(write.key.partition))
        co_return make_error(Errc::kPartitionNotFound,
                             "there is no partition " + to_string(write.key));
    }
    co_return Status{};
  }
};

/// What was pending is spread before, since the next write replaces it; what is pending afterwards
/// is spread at once if that can be done, or by whoever comes next.
Task<Status> write_offsets(Table& table, WriteOffsets wanted) {
  const std::string group_id = wanted.group_id;
  // Once, so that each attempt stores the same chunks.
  const DatabaseMs now = table.now();
  for (OffsetWrite& write : wanted.writes)
    if (write.offset) write.offset->committed_ms = now;
  SH_CO_TRY_OK(co_await spread_pending(table, group_id));
  SH_CO_TRY(const bool is_pending, co_await transact(table, std::move(wanted)));
  if (is_pending) std::ignore = co_await spread_pending(table, group_id);
  co_return Status{};
}

struct Expiring {
  DatabaseMs at = 0;
  std::string group_id = {};
  TopicPartition key = {};
  auto operator<=>(const Expiring&) const = default;
};

struct ExpireSome {
  DatabaseMs before_ms;
  std::vector<Expiring> due;

  Task<Result<std::size_t>> run(Transaction& transaction) const {
    std::vector<Key> keys;
    for (const Expiring& one : due) keys.push_back(offset_key(one.group_id, one.key));
    SH_CO_TRY_OK(co_await transaction.load(keys));
    std::size_t removed = 0;
    for (const Key& key : keys) {
      const Item* const item = transaction.find(key);
      if (item == nullptr || !item->has("expires") || item->number("expires") >= before_ms)
        continue;
      transaction.remove(key);
      ++removed;
    }
    co_return removed;
  }
};

}  // namespace

Task<Status> DynamodbMetadataStore::commit_offsets(ShardGuard guard, std::string group_id,
                                                   std::int64_t commit_no,
                                                   std::vector<CommittedOffset> offsets) {
  SH_CO_TRY_OK(check_group_form(group_id, commit_no));
  SH_CO_TRY_OK(check_keys_differ(offsets));
  WriteOffsets wanted{.guard = guard,
                      .group_id = std::move(group_id),
                      .commit_no = commit_no,
                      .absent = Absent::kIsCreated};
  for (CommittedOffset& offset : offsets) wanted.writes.push_back({offset.key, std::move(offset)});
  co_return co_await write_offsets(table_, std::move(wanted));
}

Task<Status> DynamodbMetadataStore::delete_offsets(ShardGuard guard, std::string group_id,
                                                   std::int64_t commit_no,
                                                   std::vector<TopicPartition> keys) {
  SH_CO_TRY_OK(check_group_form(group_id, commit_no));
  WriteOffsets wanted{.guard = guard,
                      .group_id = std::move(group_id),
                      .commit_no = commit_no,
                      .absent = Absent::kIsAnError};
  for (const TopicPartition& key : std::set(keys.begin(), keys.end()))
    wanted.writes.push_back({.key = key});
  co_return co_await write_offsets(table_, std::move(wanted));
}

/// Looks at every offset there is; made once in a while.
Task<Result<std::size_t>> DynamodbMetadataStore::expire_offsets(DatabaseMs before_ms,
                                                                std::size_t limit) {
  SH_CO_TRY(const auto groups, co_await list_groups("", SIZE_MAX));
  std::vector<Expiring> due;
  for (const Group& group : groups) {
    SH_CO_TRY_OK(co_await spread_pending(table_, group.group_id));
    auto loaded = co_await load_group(group.group_id);
    if (!loaded && loaded.error().code == Errc::kGroupNotFound) continue;
    if (!loaded) co_return loaded.error();
    for (const CommittedOffset& offset : loaded->offsets)
      if (offset.expires_ms && *offset.expires_ms < before_ms)
        due.push_back({*offset.expires_ms, group.group_id, offset.key});
  }
  std::ranges::sort(due);
  if (due.size() > limit) due.resize(limit);
  std::size_t removed = 0;
  std::span<const Expiring> rest(due);
  while (!rest.empty()) {
    ExpireSome some{.before_ms = before_ms, .due = take_front(rest, kOffsetsMax)};
    SH_CO_TRY(const std::size_t few, co_await transact(table_, std::move(some)));
    removed += few;
  }
  co_return removed;
}

}  // namespace streamhouse::metadata
