// Reading every row of the table.
#include <algorithm>

#include "metadata/dynamodb/dynamodb_metadata_store.h"
#include "metadata/dynamodb/items/keys.h"
#include "metadata/dynamodb/tables/object_rows.h"
#include "metadata/dynamodb/tables/partition_rows.h"
#include "metadata/dynamodb/tables/schema.h"
#include "metadata/dynamodb/tables/sessions.h"

namespace streamhouse::metadata {

using namespace dynamodb;

namespace {

constexpr std::size_t kPage = 500;

/// Passes rows to the sink, one kind after the other, a page in memory at a time.
/// Lifetime:  of one operation; what it is made of outlives it.
class RowPasser {
 public:
  RowPasser(DynamodbMetadataStore& store, Table& table, RowSink& sink)
      : store_(store), table_(table), sink_(sink), partitions_(table) {}

  Task<Status> pass_all() {
    SH_CO_TRY_OK(co_await pass_cluster());
    SH_CO_TRY_OK(co_await for_topics(&RowPasser::pass_topic));
    SH_CO_TRY_OK(co_await for_topics(&RowPasser::pass_partitions));
    SH_CO_TRY_OK(co_await for_sessions(&RowPasser::pass_session));
    SH_CO_TRY_OK(co_await for_sessions(&RowPasser::pass_log));
    SH_CO_TRY_OK(co_await for_sessions(&RowPasser::pass_checkpoint));
    SH_CO_TRY_OK(co_await pass_objects());
    SH_CO_TRY_OK(co_await for_topics(&RowPasser::pass_segments));
    SH_CO_TRY_OK(co_await for_groups(&RowPasser::pass_group));
    SH_CO_TRY_OK(co_await for_groups(&RowPasser::pass_offsets));
    SH_CO_TRY_OK(co_await pass_floors());
    co_return co_await pass_settings();
  }

 private:
  Task<Status> for_topics(Task<Status> (RowPasser::*pass)(StoredTopic)) {
    std::vector<StoredTopic> page;
    do {
      const model::TopicNo after = page.empty() ? model::TopicNo(0) : page.back().topic.no;
      SH_CO_TRY(page, co_await list_stored_topics(table_, after, kPage));
      for (const StoredTopic& topic : page) SH_CO_TRY_OK(co_await (this->*pass)(topic));
    } while (page.size() == kPage);
    co_return Status{};
  }
  Task<Status> for_sessions(Task<Status> (RowPasser::*pass)(Session)) {
    std::vector<StoredSession> page;
    do {
      const SessionId after = page.empty() ? SessionId(0) : page.back().session.id;
      SH_CO_TRY(page, co_await list_stored_sessions(table_, after, kPage));
      for (const StoredSession& one : page) SH_CO_TRY_OK(co_await (this->*pass)(one.session));
    } while (page.size() == kPage);
    co_return Status{};
  }
  Task<Status> for_groups(Task<Status> (RowPasser::*pass)(Group)) {
    std::vector<Group> page;
    do {
      const std::string after = page.empty() ? "" : page.back().group_id;
      SH_CO_TRY(page, co_await store_.list_groups(after, kPage));
      for (const Group& group : page) SH_CO_TRY_OK(co_await (this->*pass)(group));
    } while (page.size() == kPage);
    co_return Status{};
  }

  Task<Status> pass_cluster() {
    SH_CO_TRY(const ClusterInfo cluster, co_await read_cluster(table_));
    SH_CO_TRY(const auto topic, co_await table_.get(counter_key("topic_no")));
    SH_CO_TRY(const auto producer, co_await table_.get(counter_key("producer_id")));
    const std::int64_t topic_no = topic ? topic->number("value") : 0;
    const std::int64_t producer_id = producer ? producer->number("value") : 0;
    co_return sink_.take(
        ClusterRow{.cluster = cluster,
                   .topic_no_latest = model::TopicNo(static_cast<std::uint32_t>(topic_no)),
                   .producer_id_next = model::ProducerId(producer_id)});
  }

  Task<Status> pass_topic(StoredTopic topic) { co_return sink_.take(std::move(topic.topic)); }
  Task<Status> pass_partitions(StoredTopic topic) {
    for (std::int32_t chunk = 0; chunk <= last_chunk(topic); ++chunk) {
      SH_CO_TRY(auto rows, co_await partitions_.of_chunk(topic, chunk));
      for (Partition& row : rows) SH_CO_TRY_OK(sink_.take(std::move(row)));
    }
    co_return Status{};
  }

  Task<Status> pass_session(Session session) { co_return sink_.take(std::move(session)); }
  /// Void rows too.
  Task<Status> pass_log(Session session) {
    std::optional<Key> after;
    do {
      SH_CO_TRY(auto items, co_await table_.page(Range::whole(log_key(session.id)), after));
      for (Item& item : items) {
        SH_CO_TRY(LogRow row, co_await whole_row(table_, session.id, std::move(item)));
        SH_CO_TRY_OK(sink_.take(SessionLogRow{session.id, std::move(row)}));
      }
    } while (after);
    co_return Status{};
  }
  Task<Status> pass_checkpoint(Session session) {
    SH_CO_TRY(const auto newest, co_await store_.get_checkpoint(session.id));
    if (!newest) co_return Status{};
    base::Bytes packed(segment::encode_checkpoint(newest->partitions));
    co_return sink_.take(SessionCheckpoint{session.id, newest->upto_seq, std::move(packed)});
  }

  /// Live and dead ones, in the order of their keys.
  Task<Status> pass_objects() {
    std::string after;
    while (true) {
      std::map<std::string, StoredObject> page;
      for (const std::string& pk : {kLiveObjectsKey, kDeadObjectsKey}) {
        Range range = Range::after(pk, of_user(after));
        SH_CO_TRY(const auto items, co_await table_.query(std::move(range).limited(kPage)));
        for (const Item& item : items) page[item.text("key")] = object_of(item);
      }
      if (page.empty()) co_return Status{};
      if (page.size() > kPage) page.erase(std::next(page.begin(), kPage), page.end());
      after = page.rbegin()->first;
      for (auto& [key, object] : page) SH_CO_TRY_OK(sink_.take(std::move(object)));
    }
  }
  Task<Status> pass_segments(StoredTopic topic) {
    for (std::int32_t chunk = 0; chunk <= last_chunk(topic); ++chunk) {
      const std::string pk = segments_key(topic.topic.no, chunk);
      std::optional<Key> after;
      do {
        SH_CO_TRY(auto items, co_await table_.page(Range::whole(pk), after));
        SH_CO_TRY_OK(co_await pass_live(std::move(items)));
      } while (after);
    }
    co_return Status{};
  }
  /// Segments of other objects were never committed.
  Task<Status> pass_live(std::vector<Item> items) {
    SH_CO_TRY(const auto live, co_await live_objects(table_, items));
    for (const Item& item : items)
      if (live.contains(item.text("object"))) SH_CO_TRY_OK(sink_.take(segment_of(item)));
    co_return Status{};
  }

  Task<Status> pass_group(Group group) { co_return sink_.take(std::move(group)); }
  Task<Status> pass_offsets(Group group) {
    SH_CO_TRY(auto loaded, co_await store_.load_group(group.group_id));
    for (CommittedOffset& offset : loaded.offsets)
      SH_CO_TRY_OK(sink_.take(StoredOffset{group.group_id, std::move(offset)}));
    co_return Status{};
  }
  /// Those that count: of the epoch under which the shard is led, or was last.
  Task<Status> pass_floors() {
    std::optional<Key> after;
    do {
      SH_CO_TRY(const auto items, co_await table_.page(Range::whole(kFloorsKey), after));
      std::map<TopicPartition, StoredGroupFloor> floors;
      for (const Item& item : items) {
        const StoredGroupFloor floor = group_floor_of(item);
        floors[floor.shard] = floor;
      }
      std::vector<TopicPartition> shards;
      for (const auto& [shard, floor] : floors) shards.push_back(shard);
      SH_CO_TRY(const auto rows, co_await partitions_.some(std::move(shards)));
      for (const Partition& row : rows)
        if (floors[row.key].epoch == row.epoch) SH_CO_TRY_OK(sink_.take(floors[row.key]));
    } while (after);
    co_return Status{};
  }
  Task<Status> pass_settings() {
    std::optional<Key> after;
    do {
      SH_CO_TRY(const auto items, co_await table_.page(Range::whole(kSettingsKey), after));
      for (const Item& item : items) {
        Setting setting = setting_of(item);
        if (setting.key != kImportMark) SH_CO_TRY_OK(sink_.take(std::move(setting)));
      }
    } while (after);
    co_return Status{};
  }

  DynamodbMetadataStore& store_;
  Table& table_;
  RowSink& sink_;
  PartitionReader partitions_;
};

}  // namespace

/// What is left over of purged topics counts in the objects that it lies in: it goes first.
Task<Status> DynamodbMetadataStore::read_rows(std::shared_ptr<RowSink> sink) {
  if (table_.access() == Access::kReadWrite) SH_CO_TRY_OK(co_await finish_purges());
  SH_CO_TRY_OK(sink->begin());
  RowPasser rows(*this, table_, *sink);
  co_return co_await rows.pass_all();
}

}  // namespace streamhouse::metadata
