// Topics: creation, change, deletion.
#include "metadata/rules/topic_rules.h"
#include "metadata/sql/rows.h"
#include "metadata/sql/texts_json.h"
#include "metadata/sqlite/sqlite_metadata.h"
#include "metadata/sqlite/tables/changes.h"
#include "metadata/sqlite/tables/object_rows.h"

namespace streamhouse::metadata {

using base::Errc;
using base::make_error;
using namespace sqlite;

namespace {

constexpr auto kByNo = sql_text("SELECT ", kTopicColumns, " FROM sh_topics WHERE topic_no = ?1");
constexpr auto kById = sql_text("SELECT ", kTopicColumns, " FROM sh_topics WHERE topic_id = ?1");
constexpr auto kLiveByName =
    sql_text("SELECT ", kTopicColumns, " FROM sh_topics WHERE name = ?1 AND state = 0");
constexpr auto kList = sql_text("SELECT ", kTopicColumns,
                                " FROM sh_topics WHERE topic_no > ?1 ORDER BY topic_no LIMIT ?2");
constexpr std::string_view kInsert =
    "INSERT INTO sh_topics (topic_id, name, partition_count, retention_ms, config, version, state,"
    " kind, created_at, updated_at) VALUES (?1, ?2, ?3, ?4, ?5, 1, 0, ?6, ?7, ?7)"
    " RETURNING topic_no";
constexpr std::string_view kUpdate =
    "UPDATE sh_topics SET partition_count = ?2, retention_ms = ?3, config = ?4,"
    " version = version + 1, state = ?5, updated_at = ?6 WHERE topic_no = ?1";
constexpr std::string_view kDelete = "DELETE FROM sh_topics WHERE topic_no = ?1";

constexpr std::string_view kInsertPartitions =
    "WITH RECURSIVE numbers (n) AS (SELECT ?2 UNION ALL SELECT n + 1 FROM numbers WHERE n + 1 < ?3)"
    " INSERT INTO sh_partitions (topic_no, partition, leader_epoch, owner_session, since_seq,"
    " log_start, high_watermark, visible_high_watermark, created_at, updated_at, acquired_at)"
    " SELECT ?1, n, 0, 0, 0, 0, 0, 0, ?4, ?4, 0 FROM numbers";
constexpr std::string_view kDeletePartitions = "DELETE FROM sh_partitions WHERE topic_no = ?1";
constexpr std::string_view kDeleteProducers =
    "DELETE FROM sh_partition_producers WHERE topic_no = ?1";
constexpr std::string_view kDeleteOffsets = "DELETE FROM sh_offsets WHERE topic_no = ?1";
constexpr std::string_view kDeleteFloors = "DELETE FROM sh_group_floors WHERE topic_no = ?1";
constexpr std::string_view kSegmentObjects =
    "SELECT object_key FROM sh_segments WHERE topic_no = ?1";
constexpr std::string_view kDeleteSegments = "DELETE FROM sh_segments WHERE topic_no = ?1";

/// Partitions with an owner that is not recovered, of the deleting topics that match.
constexpr char kLedOf[] =
    "SELECT 1 FROM sh_topics t JOIN sh_partitions p ON p.topic_no = t.topic_no"
    " LEFT JOIN sh_sessions s ON s.session = p.owner_session"
    " WHERE p.owner_session <> 0 AND ifnull(s.state, 0) <> 2 AND t.state = 1 AND ";
constexpr auto kLedByName = sql_text(kLedOf, "t.name = ?1 LIMIT 1");
constexpr auto kLedByNo = sql_text(kLedOf, "t.topic_no = ?1 LIMIT 1");

Result<Topic> require_topic(Connection& db, const std::string& name) {
  SH_TRY(auto topic, db.first(kLiveByName, read_topic<Row>, name));
  if (topic) return *std::move(topic);
  return topic_not_found(name);
}

/// Stores a changed topic: a new version, and a line in the feed.
Result<Topic> store(Connection& db, Topic topic, DatabaseMs now) {
  topic.version += 1;
  topic.updated_ms = now;
  SH_TRY(const std::string config, to_json(topic.config));
  SH_TRY_OK(db.execute(kUpdate, topic.no, topic.partition_count, topic.retention_ms, config,
                       topic.state, now));
  SH_TRY_OK(add_topic_change(db, topic.no, now));
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

Result<Topic> insert(Connection& db, const NewTopic& wanted, DatabaseMs now) {
  SH_TRY(const std::string config, to_json(wanted.config));
  SH_TRY(const auto no,
         db.value<model::TopicNo>(kInsert, wanted.id, wanted.name, wanted.partition_count,
                                  wanted.retention_ms, config, wanted.kind, now));
  SH_TRY_OK(db.execute(kInsertPartitions, *no, 0, wanted.partition_count, now));
  SH_TRY_OK(add_topic_change(db, *no, now));
  return created_topic(wanted, *no, now);
}

Status forget_segments(Connection& db, model::TopicNo topic, DatabaseMs now) {
  SH_TRY(const auto keys,
         db.all(kSegmentObjects, [](Row row) { return row.get<std::string>(0); }, topic));
  for (const std::string& key : keys) SH_TRY_OK(forget_segment_of(db, key, now));
  SH_TRY_OK(db.execute(kDeleteSegments, topic));
  return {};
}

}  // namespace

Result<Topic> SqliteMetadata::create_topic(const NewTopic& wanted) {
  SH_TRY_OK(check_new_topic(wanted));
  return db().transaction([&]() -> Result<Topic> {
    SH_TRY(auto same, db().first(kById, read_topic<Row>, wanted.id));
    if (same && same->name == wanted.name) return *std::move(same);
    if (same)
      return make_error(Errc::kExists, "topic id " + to_string(wanted.id) + " is that of '" +
                                           same->name + "', not of '" + wanted.name + "'");
    SH_TRY_OK(check_name_is_free(db(), wanted.name));
    return insert(db(), wanted, now_);
  });
}

Result<std::optional<Topic>> SqliteMetadata::delete_topic(const model::TopicId& id) {
  return db().transaction([&]() -> Result<std::optional<Topic>> {
    SH_TRY(auto topic, db().first(kById, read_topic<Row>, id));
    if (!topic || topic->state == TopicState::kDeleting) return topic;
    topic->state = TopicState::kDeleting;
    SH_TRY(topic, store(db(), *std::move(topic), now_));
    return topic;
  });
}

Status SqliteMetadata::purge_topic(model::TopicNo no) {
  return db().transaction([&]() -> Status {
    SH_TRY(const auto topic, db().first(kByNo, read_topic<Row>, no));
    if (!topic) return {};
    if (topic->state == TopicState::kLive)
      return make_error(Errc::kInvalid, "topic '" + topic->name + "' is not deleted");
    SH_TRY(const auto led, db().value<int>(kLedByNo, no));
    if (led)
      return make_error(Errc::kConflict,
                        "the deleted topic '" + topic->name + "' still has a leader");
    SH_TRY_OK(forget_segments(db(), no, now_));
    for (const auto sql :
         {kDeletePartitions, kDeleteProducers, kDeleteOffsets, kDeleteFloors, kDelete})
      SH_TRY_OK(db().execute(sql, no));
    return add_topic_change(db(), no, now_);
  });
}

Result<Topic> SqliteMetadata::get_topic(const TopicRef& wanted) {
  if (const auto* name = std::get_if<std::string>(&wanted)) return require_topic(db(), *name);
  const auto* id = std::get_if<model::TopicId>(&wanted);
  SH_TRY(auto topic, id ? db().first(kById, read_topic<Row>, *id)
                        : db().first(kByNo, read_topic<Row>, std::get<model::TopicNo>(wanted)));
  if (topic) return *std::move(topic);
  return make_error(Errc::kTopicNotFound, "no topic has that id or number");
}

Result<std::vector<Topic>> SqliteMetadata::list_topics(model::TopicNo after, std::size_t limit) {
  return db().all(kList, read_topic<Row>, after, limit);
}

Result<Topic> SqliteMetadata::update_topic_config(const std::string& name,
                                                  const TopicChange& change) {
  return db().transaction([&]() -> Result<Topic> {
    SH_TRY(const Topic topic, require_topic(db(), name));
    SH_TRY(Topic changed, changed_by(topic, change));
    if (changed == topic) return changed;
    return store(db(), std::move(changed), now_);
  });
}

Result<Topic> SqliteMetadata::create_partitions(const std::string& name, std::int32_t count) {
  return db().transaction([&]() -> Result<Topic> {
    SH_TRY(Topic topic, require_topic(db(), name));
    const std::int32_t before = topic.partition_count;
    if (count == before) return topic;
    SH_TRY_OK(check_partition_count(topic, count));
    SH_TRY_OK(db().execute(kInsertPartitions, topic.no, before, count, now_));
    topic.partition_count = count;
    return store(db(), std::move(topic), now_);
  });
}

}  // namespace streamhouse::metadata
