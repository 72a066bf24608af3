// Topics: creation, change, deletion.
#include <algorithm>

#include "metadata/postgres/driver/chunks.h"
#include "metadata/postgres/postgres_metadata.h"
#include "metadata/postgres/tables/changes.h"
#include "metadata/postgres/tables/object_rows.h"
#include "metadata/rules/topic_rules.h"
#include "metadata/sql/rows.h"

namespace streamhouse::metadata {

using base::Errc;
using base::make_error;
using namespace postgres;

namespace {

constexpr auto kByNo = sql_text("SELECT ", kTopicColumns, " FROM sh_topics WHERE topic_no = $1");
constexpr auto kById = sql_text("SELECT ", kTopicColumns, " FROM sh_topics WHERE topic_id = $1");
constexpr auto kLockByNo =
    sql_text("SELECT ", kTopicColumns, " FROM sh_topics WHERE topic_no = $1 FOR UPDATE");
constexpr auto kLockById =
    sql_text("SELECT ", kTopicColumns, " FROM sh_topics WHERE topic_id = $1 FOR UPDATE");
constexpr auto kLiveByName =
    sql_text("SELECT ", kTopicColumns, " FROM sh_topics WHERE name = $1 AND state = 0");
constexpr auto kLockLiveByName =
    sql_text("SELECT ", kTopicColumns, " FROM sh_topics WHERE name = $1 AND state = 0 FOR UPDATE");
constexpr auto kList = sql_text("SELECT ", kTopicColumns,
                                " FROM sh_topics WHERE topic_no > $1 ORDER BY topic_no LIMIT $2");
/// Locked first, it makes creations come one after the other.
constexpr std::string_view kLockNumbers =
    "SELECT value + 1 FROM sh_counters WHERE name = 'topic_no' FOR UPDATE";
constexpr std::string_view kTakeNumber =
    "UPDATE sh_counters SET value = $1 WHERE name = 'topic_no'";
constexpr std::string_view kInsert =
    "INSERT INTO sh_topics (topic_no, topic_id, name, partition_count, retention_ms, config,"
    " version, state, kind, created_at, updated_at)"
    " VALUES ($1, $2, $3, $4, $5, CAST($6 AS jsonb), 1, 0, $7, $8, $8) ON CONFLICT DO NOTHING";
constexpr std::string_view kUpdate =
    "UPDATE sh_topics SET partition_count = $2, retention_ms = $3, config = CAST($4 AS jsonb),"
    " version = version + 1, state = $5, updated_at = $6 WHERE topic_no = $1";
constexpr std::string_view kDelete = "DELETE FROM sh_topics WHERE topic_no = $1";

constexpr std::string_view kInsertPartitions =
    "INSERT INTO sh_partitions (topic_no, partition, leader_epoch, owner_session, since_seq,"
    " log_start, high_watermark, visible_high_watermark, created_at, updated_at, acquired_at)"
    " SELECT $1, n, 0, 0, 0, 0, 0, 0, $4, $4, 0 FROM generate_series($2, $3 - 1) AS n";
constexpr std::string_view kDeletePartitions =
    "DELETE FROM sh_partitions WHERE topic_no = $1 AND partition >= $2 AND partition < $3";
constexpr std::string_view kDeleteProducers =
    "DELETE FROM sh_partition_producers WHERE topic_no = $1 AND partition >= $2 AND partition < $3";
constexpr std::string_view kDeleteOffsets = "DELETE FROM sh_offsets WHERE topic_no = $1";
constexpr std::string_view kDeleteFloors = "DELETE FROM sh_group_floors WHERE topic_no = $1";
constexpr std::string_view kDeleteSegments =
    "DELETE FROM sh_segments s USING (SELECT partition, next_offset FROM sh_segments"
    " WHERE topic_no = $1 ORDER BY partition, next_offset LIMIT $2 FOR UPDATE) k"
    " WHERE s.topic_no = $1 AND s.partition = k.partition AND s.next_offset = k.next_offset"
    " RETURNING s.object_key";

/// Partitions with an owner that is not recovered, of the deleting topics that match.
constexpr char kLedOf[] =
    "SELECT 1 FROM sh_topics t JOIN sh_partitions p ON p.topic_no = t.topic_no"
    " LEFT JOIN sh_sessions s ON s.session = p.owner_session"
    " WHERE p.owner_session <> 0 AND coalesce(s.state, 0) <> 2 AND t.state = 1 AND ";
constexpr auto kLedByName = sql_text(kLedOf, "t.name = $1 LIMIT 1");
constexpr auto kLedByNo = sql_text(kLedOf, "t.topic_no = $1 LIMIT 1");

/// The live topic, its row locked.
Result<Topic> lock_topic(Connection& db, const std::string& name) {
  SH_TRY(auto topic, db.first(kLockLiveByName, read_topic<Row>, name));
  if (topic) return *std::move(topic);
  return topic_not_found(name);
}

/// Stores a changed topic: a new version, and a line in the feed.
Result<Topic> store(Connection& db, Topic topic) {
  topic.version += 1;
  topic.updated_ms = db.now();
  SH_TRY(const std::string config, to_json(topic.config));
  SH_TRY_OK(db.execute(kUpdate, topic.no, topic.partition_count, topic.retention_ms, config,
                       topic.state, topic.updated_ms));
  SH_TRY_OK(add_topic_change(db, topic.no));
  return topic;
}

Status check_name_is_free(Connection& db, const std::string& name) {
  SH_TRY(const auto live, db.first(kLiveByName, read_topic<Row>, name));
  if (live) return make_error(Errc::kTopicExists, "topic '" + name + "' exists");
  SH_TRY(const auto led, db.value<int>(kLedByName, name));
  if (!led) return {};
  return make_error(Errc::kConflict,
                    "the deleted topic '" + name + "' still has a leader: try again");
}

/// Calls `run(first, end)`, a Status, for ranges of partition indexes that one statement may take.
template <class Run>
Status in_ranges(std::int32_t first, std::int32_t end, Run run) {
  constexpr auto kLongest = static_cast<std::int32_t>(kStatementRowsMax);
  for (; first < end; first += kLongest) SH_TRY_OK(run(first, std::min(end, first + kLongest)));
  return {};
}

Status insert_partitions(Connection& db, model::TopicNo no, std::int32_t first, std::int32_t end) {
  return in_ranges(first, end, [&](std::int32_t from, std::int32_t to) -> Status {
    SH_TRY_OK(db.execute(kInsertPartitions, no, from, to, db.now()));
    return {};
  });
}

Status delete_partitions(Connection& db, const Topic& topic) {
  return in_ranges(0, topic.partition_count, [&](std::int32_t from, std::int32_t to) -> Status {
    SH_TRY_OK(db.execute(kDeletePartitions, topic.no, from, to));
    SH_TRY_OK(db.execute(kDeleteProducers, topic.no, from, to));
    return {};
  });
}

Result<Topic> insert(Connection& db, model::TopicNo no, const NewTopic& wanted) {
  SH_TRY(const std::string config, to_json(wanted.config));
  SH_TRY(const auto inserted,
         db.execute(kInsert, no, wanted.id, wanted.name, wanted.partition_count,
                    wanted.retention_ms, config, wanted.kind, db.now()));
  if (inserted == 0)
    return make_error(Errc::kConflict, "topic '" + wanted.name + "' is being changed: try again");
  SH_TRY_OK(db.execute(kTakeNumber, no));
  SH_TRY_OK(insert_partitions(db, no, 0, wanted.partition_count));
  SH_TRY_OK(add_topic_change(db, no));
  return created_topic(wanted, no, db.now());
}

Status forget_segments(Connection& db, model::TopicNo topic, ObjectCounts& counts) {
  const auto read = [](Row row) { return row.get<std::string>(0); };
  std::vector<std::string> objects;
  while (true) {
    SH_TRY(auto deleted, db.all(kDeleteSegments, read, topic, kStatementRowsMax));
    std::ranges::move(deleted, std::back_inserter(objects));
    if (deleted.size() < kStatementRowsMax) return forget_segments_of(db, objects, counts);
  }
}

Status purge(Connection& db, const Topic& topic) {
  ObjectCounts counts;
  SH_TRY_OK(delete_partitions(db, topic));
  for (const auto sql : {kDeleteOffsets, kDeleteFloors, kDelete})
    SH_TRY_OK(db.execute(sql, topic.no));
  SH_TRY_OK(forget_segments(db, topic.no, counts));
  SH_TRY_OK(counts.store(db));
  return add_topic_change(db, topic.no);
}

}  // namespace

Result<Topic> PostgresMetadata::create_topic(const NewTopic& wanted) {
  SH_TRY_OK(check_new_topic(wanted));
  return db().transaction([&]() -> Result<Topic> {
    SH_TRY(const auto no, db().value<model::TopicNo>(kLockNumbers));
    if (!no) return make_error(Errc::kCorrupt, db().target() + ": has no counter of topics");
    SH_TRY(auto same, db().first(kById, read_topic<Row>, wanted.id));
    if (same && same->name == wanted.name) return *std::move(same);
    if (same)
      return make_error(Errc::kExists, "topic id " + to_string(wanted.id) + " is that of '" +
                                           same->name + "', not of '" + wanted.name + "'");
    SH_TRY_OK(check_name_is_free(db(), wanted.name));
    return insert(db(), *no, wanted);
  });
}

Result<std::optional<Topic>> PostgresMetadata::delete_topic(const model::TopicId& id) {
  return db().transaction([&]() -> Result<std::optional<Topic>> {
    SH_TRY(auto topic, db().first(kLockById, read_topic<Row>, id));
    if (!topic || topic->state == TopicState::kDeleting) return topic;
    topic->state = TopicState::kDeleting;
    SH_TRY(topic, store(db(), *std::move(topic)));
    return topic;
  });
}

Status PostgresMetadata::purge_topic(model::TopicNo no) {
  return db().transaction([&]() -> Status {
    SH_TRY(const auto topic, db().first(kLockByNo, read_topic<Row>, no));
    if (!topic) return {};
    if (topic->state == TopicState::kLive)
      return make_error(Errc::kInvalid, "topic '" + topic->name + "' is not deleted");
    SH_TRY(const auto led, db().value<int>(kLedByNo, no));
    if (led)
      return make_error(Errc::kConflict,
                        "the deleted topic '" + topic->name + "' still has a leader");
    return purge(db(), *topic);
  });
}

Result<Topic> PostgresMetadata::get_topic(const TopicRef& wanted) {
  if (const auto* name = std::get_if<std::string>(&wanted)) {
    SH_TRY(auto topic, db().first(kLiveByName, read_topic<Row>, *name));
    if (topic) return *std::move(topic);
    return topic_not_found(*name);
  }
  const auto* id = std::get_if<model::TopicId>(&wanted);
  SH_TRY(auto topic, id ? db().first(kById, read_topic<Row>, *id)
                        : db().first(kByNo, read_topic<Row>, std::get<model::TopicNo>(wanted)));
  if (topic) return *std::move(topic);
  return make_error(Errc::kTopicNotFound, "no topic has that id or number");
}

Result<std::vector<Topic>> PostgresMetadata::list_topics(model::TopicNo after, std::size_t limit) {
  return db().all(kList, read_topic<Row>, after, limit);
}

Result<Topic> PostgresMetadata::update_topic_config(const std::string& name,
                                                    const TopicChange& change) {
  return db().transaction([&]() -> Result<Topic> {
    SH_TRY(const Topic topic, lock_topic(db(), name));
    SH_TRY(Topic changed, changed_by(topic, change));
    if (changed == topic) return changed;
    return store(db(), std::move(changed));
  });
}

Result<Topic> PostgresMetadata::create_partitions(const std::string& name, std::int32_t count) {
  return db().transaction([&]() -> Result<Topic> {
    SH_TRY(Topic topic, lock_topic(db(), name));
    const std::int32_t before = topic.partition_count;
    if (count == before) return topic;
    SH_TRY_OK(check_partition_count(topic, count));
    SH_TRY_OK(insert_partitions(db(), topic.no, before, count));
    topic.partition_count = count;
    return store(db(), std::move(topic));
  });
}

}  // namespace streamhouse::metadata
