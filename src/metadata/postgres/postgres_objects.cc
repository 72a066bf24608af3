// Objects, live and dead, and the end of segments.
#include <algorithm>

#include "metadata/postgres/postgres_metadata.h"
#include "metadata/postgres/tables/object_rows.h"
#include "metadata/postgres/tables/partition_rows.h"
#include "metadata/postgres/tables/sessions.h"
#include "metadata/sql/rows.h"

namespace streamhouse::metadata {

using namespace postgres;

namespace {

constexpr std::string_view kLockSegmentsBelow =
    "SELECT next_offset FROM sh_segments WHERE topic_no = $1 AND partition = $2"
    " AND next_offset <= $3 ORDER BY next_offset LIMIT $4 FOR UPDATE";
constexpr std::string_view kDeleteSegments =
    "DELETE FROM sh_segments s USING unnest($3) AS k (next_offset)"
    " WHERE s.topic_no = $1 AND s.partition = $2 AND s.next_offset = k.next_offset"
    " RETURNING s.object_key";
constexpr auto kList =
    sql_text("SELECT ", kObjectColumns,
             " FROM sh_objects WHERE object_key > $1 ORDER BY object_key LIMIT $2");
constexpr std::string_view kCountCommitted =
    "SELECT CAST(coalesce(sum(c.total_objects - s.trimmed_objects), 0) AS int8),"
    " CAST(coalesce(sum(c.total_bytes - s.trimmed_bytes), 0) AS int8) FROM sh_sessions s"
    " CROSS JOIN LATERAL (SELECT total_objects, total_bytes FROM sh_commits"
    " WHERE session = s.session ORDER BY seq DESC LIMIT 1) c";
constexpr auto kCountKept = sql_text(
    "SELECT ", kCountColumns, " FROM sh_object_counts WHERE objects > 0 ORDER BY level, state");
constexpr auto kDead = sql_text("SELECT ", kObjectColumns,
                                " FROM sh_objects WHERE state = 1 AND dead_at < $1"
                                " ORDER BY dead_at, object_key LIMIT $2");
constexpr std::string_view kLockDead =
    "SELECT o.object_key FROM sh_objects o JOIN unnest($1) AS k (object_key)"
    " ON k.object_key = o.object_key WHERE o.state = 1 ORDER BY o.object_key FOR UPDATE OF o";
constexpr std::string_view kForget =
    "DELETE FROM sh_objects o USING unnest($1) AS k (object_key)"
    " WHERE o.object_key = k.object_key RETURNING o.level, o.size";
constexpr std::string_view kCommits =
    "SELECT seq FROM sh_commits WHERE session = $1 AND seq > $2 AND kind = 'C' ORDER BY seq";
constexpr std::string_view kOfSession =
    "SELECT object_key FROM sh_objects WHERE session = $1 AND state = $2 ORDER BY object_key";

ObjectCount read_committed_count(Row row) {
  return {.objects = row.get<std::uint64_t>(0), .bytes = row.get<std::uint64_t>(1)};
}

std::string read_text(Row row) { return row.get<std::string>(0); }

Seq read_seq(Row row) { return row.get<Seq>(0); }

Offset read_offset_alone(Row row) { return row.get<Offset>(0); }

}  // namespace

Result<std::size_t> PostgresMetadata::delete_segments_before(TopicPartition key, Offset before,
                                                             std::size_t limit) {
  return db().transaction([&]() -> Result<std::size_t> {
    SH_TRY(const Partition row, require_partition(db(), key));
    const Offset end = std::min(before, row.log_start);
    SH_TRY(const auto ends,
           db().all(kLockSegmentsBelow, read_offset_alone, key.topic, key.partition, end, limit));
    if (ends.empty()) return std::size_t{0};
    SH_TRY(const auto objects,
           db().all(kDeleteSegments, read_text, key.topic, key.partition, ends));
    ObjectCounts counts;
    SH_TRY_OK(forget_segments_of(db(), objects, counts));
    SH_TRY_OK(counts.store(db()));
    return objects.size();
  });
}

Result<std::vector<ObjectRow>> PostgresMetadata::list_objects(const std::string& after,
                                                              std::size_t limit) {
  return db().all(kList, read_object<Row>, after, limit);
}

/// sh_objects has no live rows of level 0: those stand in the logs.
Result<std::vector<ObjectCount>> PostgresMetadata::count_objects() {
  return db().snapshot([&]() -> Result<std::vector<ObjectCount>> {
    SH_TRY(const auto committed, db().first(kCountCommitted, read_committed_count));
    SH_TRY(auto counts, db().all(kCountKept, read_object_count<Row>));
    if (committed && committed->objects > 0) counts.insert(counts.begin(), *committed);
    return counts;
  });
}

Result<std::vector<ObjectRow>> PostgresMetadata::list_dead(DatabaseMs dead_before_ms,
                                                           std::size_t limit) {
  return db().all(kDead, read_object<Row>, dead_before_ms, limit);
}

Status PostgresMetadata::forget_objects(const std::vector<std::string>& keys) {
  if (keys.empty()) return {};
  return db().transaction([&]() -> Status {
    SH_TRY(const auto dead, db().all(kLockDead, read_text, keys));
    ObjectCounts counts;
    const auto count = [&](Row row) {
      counts.remove(row.get<int>(0), ObjectState::kDead, row.get<std::uint64_t>(1));
      return true;
    };
    SH_TRY_OK(db().all(kForget, count, dead));
    return counts.store(db());
  });
}

Result<NamedObjects> PostgresMetadata::named_objects(SessionId id) {
  return db().snapshot([&]() -> Result<NamedObjects> {
    NamedObjects named;
    SH_TRY(const Session session, require_session(db(), id));
    SH_TRY(const LogEnd end, require_log_end(db(), id));
    if (end.has_seal()) named.seal = end.newest;
    SH_TRY(named.commits, db().all(kCommits, read_seq, id, session.trimmed_to));
    SH_TRY(named.live, db().all(kOfSession, read_text, id, ObjectState::kLive));
    SH_TRY(named.dead, db().all(kOfSession, read_text, id, ObjectState::kDead));
    return named;
  });
}

}  // namespace streamhouse::metadata
