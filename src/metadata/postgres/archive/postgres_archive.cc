// Reading every row of the database.
#include "metadata/postgres/postgres_metadata.h"
#include "metadata/sql/rows.h"

namespace streamhouse::metadata {

using namespace postgres;

namespace {

constexpr std::string_view kCluster =
    "SELECT cluster_id, created_at, (SELECT value FROM sh_counters WHERE name = 'topic_no'),"
    " (SELECT value FROM sh_counters WHERE name = 'producer_id') FROM sh_cluster WHERE id = 1";
constexpr auto kTopics = sql_text("SELECT ", kTopicColumns, " FROM sh_topics ORDER BY topic_no");
constexpr auto kPartitions = sql_text(kSelectPartitions, "ORDER BY p.topic_no, p.partition");
constexpr auto kGroups = sql_text("SELECT ", kGroupColumns, " FROM sh_groups ORDER BY group_id");
constexpr auto kObjects = sql_text(kSelectObjects, "ORDER BY object_key");
constexpr auto kSegments = sql_text(kSelectSegments, "ORDER BY topic_no, partition, next_offset");
constexpr auto kOffsets = sql_text(kSelectOffsets, "ORDER BY group_id, topic_no, partition");
/// Those that count; a store may have others, each as it likes.
constexpr auto kFloors =
    sql_text(kSelectFloors,
             "WHERE commit_no > 0 AND leader_epoch = (SELECT p.leader_epoch FROM sh_partitions p"
             " WHERE p.topic_no = sh_group_floors.topic_no"
             " AND p.partition = sh_group_floors.partition) ORDER BY topic_no, partition");
constexpr std::string_view kSettings =
    "SELECT key, value, version FROM sh_settings WHERE key <> $1 ORDER BY key";

// Session ids in their unsigned order: the first half, then the second.
constexpr auto kSessions =
    sql_text("SELECT ", kSessionColumns, " FROM sh_sessions WHERE session >= 0 ORDER BY session");
constexpr auto kSessionsAbove =
    sql_text("SELECT ", kSessionColumns, " FROM sh_sessions WHERE session < 0 ORDER BY session");
constexpr auto kLog = sql_text(kSelectLogRows, "WHERE session >= 0 ORDER BY session, seq");
constexpr auto kLogAbove = sql_text(kSelectLogRows, "WHERE session < 0 ORDER BY session, seq");
constexpr auto kCheckpoints = sql_text(kSelectCheckpoints, "WHERE session >= 0 ORDER BY session");
constexpr auto kCheckpointsAbove =
    sql_text(kSelectCheckpoints, "WHERE session < 0 ORDER BY session");

/// Passes what `read` makes of each row to the sink; `read` returns a row or a Result of one.
template <class Read, class... Values>
Status pass(Connection& db, RowSink& sink, std::string_view sql, Read read,
            const Values&... values) {
  const auto visit = [&](Row row) -> Status {
    SH_TRY(auto value, Result<ValueRead<Read>>(read(row)));
    return sink.take(std::move(value));
  };
  return db.stream(sql, visit, values...);
}

/// Reading a large table takes its time; each row that arrives shows that the server is there.
Status take_time(Connection& db) {
  if (db.dialect().lift_timeout.empty()) return {};
  return db.run_script(db.dialect().lift_timeout);
}

ClusterRow read_cluster(Row row) {
  ClusterRow cluster;
  row.read_from(0, cluster.cluster.cluster_id, cluster.cluster.created_ms, cluster.topic_no_latest,
                cluster.producer_id_next);
  return cluster;
}

Status pass_sessions(Connection& db, RowSink& sink) {
  for (const std::string_view sql : {std::string_view(kSessions), std::string_view(kSessionsAbove)})
    SH_TRY_OK(pass(db, sink, sql, read_session<Row>));
  for (const std::string_view sql : {std::string_view(kLog), std::string_view(kLogAbove)})
    SH_TRY_OK(pass(db, sink, sql, read_session_log_row<Row>));
  for (const std::string_view sql :
       {std::string_view(kCheckpoints), std::string_view(kCheckpointsAbove)})
    SH_TRY_OK(pass(db, sink, sql, read_session_checkpoint<Row>));
  return {};
}

}  // namespace

Status PostgresMetadata::read_rows(const std::shared_ptr<RowSink>& sink) {
  return db().snapshot([&]() -> Status {
    SH_TRY_OK(take_time(db()));
    SH_TRY_OK(sink->begin());
    SH_TRY(const auto cluster, db().first(kCluster, read_cluster));
    if (!cluster) return {base::Errc::kCorrupt, db().target() + ": has no cluster id"};
    SH_TRY_OK(sink->take(*cluster));
    SH_TRY_OK(pass(db(), *sink, kTopics, read_topic<Row>));
    SH_TRY_OK(pass(db(), *sink, kPartitions, read_partition<Row>));
    SH_TRY_OK(pass_sessions(db(), *sink));
    SH_TRY_OK(pass(db(), *sink, kObjects, read_stored_object<Row>));
    SH_TRY_OK(pass(db(), *sink, kSegments, read_stored_segment<Row>));
    SH_TRY_OK(pass(db(), *sink, kGroups, read_group<Row>));
    SH_TRY_OK(pass(db(), *sink, kOffsets, read_stored_offset<Row>));
    SH_TRY_OK(pass(db(), *sink, kFloors, read_group_floor<Row>));
    return pass(db(), *sink, kSettings, read_setting<Row>, kImportMark);
  });
}

}  // namespace streamhouse::metadata
