// The end of a deleted topic: it is gone for everybody first, then what belonged to it is removed.
#include <algorithm>
#include <set>

#include "metadata/dynamodb/driver/transaction.h"
#include "metadata/dynamodb/dynamodb_metadata_store.h"
#include "metadata/dynamodb/items/blobs.h"
#include "metadata/dynamodb/items/keys.h"
#include "metadata/dynamodb/tables/changes.h"
#include "metadata/dynamodb/tables/object_rows.h"
#include "metadata/dynamodb/tables/partition_rows.h"
#include "metadata/dynamodb/tables/topic_rows.h"

namespace streamhouse::metadata {

using base::Errc;
using base::make_error;
using namespace dynamodb;

namespace {

/// Nobody acquires a partition of a deleting topic, so it stays without a leader once it is.
struct HideTopic {
  model::TopicNo no;

  Task<Status> run(Transaction& transaction) const {
    SH_CO_TRY(auto found, co_await find_topic(transaction, no));
    if (!found) co_return Status{};
    StoredTopic& stored = *found;
    if (stored.topic.state == TopicState::kLive)
      co_return make_error(Errc::kInvalid, "topic '" + stored.topic.name + "' is not deleted");
    SH_CO_TRY(const bool is_led, co_await has_unrecovered_owner(transaction.table(), stored));
    if (is_led)
      co_return make_error(Errc::kConflict,
                           "the deleted topic '" + stored.topic.name + "' still has a leader");
    const Key name_key = topic_name_key(stored.topic.name);
    SH_CO_TRY_OK(co_await transaction.load({name_key, topic_id_key(stored.topic.id)}));
    NameClaim claim = claim_of(transaction.find(name_key));
    std::erase(claim.deleting, no);
    const bool is_free = claim.deleting.empty() && claim.live == model::TopicNo(0);
    if (is_free)
      transaction.remove(name_key);
    else
      transaction.put(name_key, item_of(claim));
    transaction.remove(topic_id_key(stored.topic.id));
    stored.is_purged = true;
    co_return co_await store_changed(transaction, stored);
  }
};

Task<Status> forget_all_segments(Table& table, Range range) {
  SH_CO_TRY(const auto items, co_await table.query(range));
  std::vector<ForgottenSegment> segments;
  for (const Item& item : items)
    segments.push_back({{range.pk, item.text(kSortKey)}, item.text("object")});
  co_return co_await forget_segments(table, std::move(segments));
}

/// Of all groups: nobody commits offsets of the topic any more, or they are not shown.
Task<Status> remove_offsets(Table& table, model::TopicNo topic) {
  SH_CO_TRY(const auto groups, co_await table.query(Range::whole(kGroupsKey)));
  for (const Item& group : groups) {
    const std::string pk = group_items_key(group.text(kSortKey).substr(1));
    const std::string prefix = kOffsetsPrefix + topic_text(topic) + "#";
    SH_CO_TRY_OK(co_await remove_items(table, Range::prefix(pk, prefix)));
  }
  co_return Status{};
}

Task<Status> remove_partitions(Table& table, StoredTopic topic, runtime::MonoTime deadline) {
  const model::TopicNo no = topic.topic.no;
  for (std::int32_t chunk = 0; chunk <= last_chunk(topic); ++chunk) {
    if (table.runtime().now() > deadline)
      co_return make_error(Errc::kUnavailable, "rows of deleted topics are left for the next time");
    SH_CO_TRY_OK(co_await forget_all_segments(table, Range::whole(segments_key(no, chunk))));
    SH_CO_TRY_OK(co_await remove_items(table, Range::whole(partitions_key(no, chunk))));
    SH_CO_TRY_OK(co_await remove_items(table, Range::whole(producers_key(no, chunk))));
  }
  co_return co_await remove_items(table, Range::prefix(kFloorsKey, topic_text(no) + "#"));
}

}  // namespace

Task<Status> DynamodbMetadataStore::forget_segments_of_gone(std::vector<Segment> segments) {
  std::set<TopicPartition> gone;
  for (const Segment& segment : segments) gone.insert(segment.key);
  PartitionReader reader(table_);
  SH_CO_TRY(const auto there, co_await reader.some({gone.begin(), gone.end()}));
  for (const Partition& row : there) gone.erase(row.key);
  if (gone.empty()) co_return Status{};
  for (const TopicPartition& key : gone) {
    std::string pk = segments_key(key.topic, chunk_of(key.partition));
    Range range = Range::prefix(std::move(pk), segments_prefix(key.partition));
    SH_CO_TRY_OK(co_await forget_all_segments(table_, std::move(range)));
  }
  std::map<std::string, std::vector<Key>> objects;
  for (const Segment& segment : segments) {
    const std::string& object = segment.location.object_key;
    objects[object].push_back(segment_key(segment.key, segment.location.offsets.next, object));
  }
  for (auto& [object, keys] : objects)
    SH_CO_TRY_OK(co_await recount_segments(table_, object, std::move(keys)));
  co_return Status{};
}

Task<Status> DynamodbMetadataStore::finish_purge(model::TopicNo no, runtime::MonoTime deadline) {
  SH_CO_TRY(const auto item, co_await table_.get(topic_key(no)));
  if (!item) co_return Status{};
  SH_CO_TRY(const StoredTopic stored, topic_of(*item));
  if (!stored.is_purged) co_return Status{};
  SH_CO_TRY_OK(co_await remove_partitions(table_, stored, deadline));
  SH_CO_TRY_OK(co_await remove_offsets(table_, no));
  std::vector<Write> writes;
  writes.push_back({.kind = Write::Kind::kRemove, .key = topic_key(no)});
  co_return co_await table_.write_all(std::move(writes));
}

Task<Status> DynamodbMetadataStore::finish_purges(runtime::MonoTime deadline) {
  SH_CO_TRY(const auto items, co_await table_.query(Range::whole(kTopicsKey)));
  for (const Item& item : items) {
    SH_CO_TRY(const StoredTopic stored, topic_of(item));
    if (stored.is_purged) SH_CO_TRY_OK(co_await finish_purge(stored.topic.no, deadline));
  }
  co_return Status{};
}

Task<Status> DynamodbMetadataStore::purge_topic(model::TopicNo topic) {
  SH_CO_TRY_OK(co_await transact(table_, HideTopic{.no = topic}));
  const Status finished = co_await finish_purges();
  if (!finished) co_return behind_applied(finished.error());
  co_return Status{};
}

}  // namespace streamhouse::metadata
