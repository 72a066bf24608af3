// Objects, live and dead, and the end of segments.
#include <algorithm>

#include "metadata/sql/rows.h"
#include "metadata/sqlite/sqlite_metadata.h"
#include "metadata/sqlite/tables/object_rows.h"
#include "metadata/sqlite/tables/partition_rows.h"
#include "metadata/sqlite/tables/sessions.h"

namespace streamhouse::metadata {

using namespace sqlite;

namespace {

constexpr std::string_view kSegmentsBelow =
    "SELECT next_offset, object_key FROM sh_segments"
    " WHERE topic_no = ?1 AND partition = ?2 AND next_offset <= ?3 ORDER BY next_offset LIMIT ?4";
constexpr std::string_view kDeleteSegment =
    "DELETE FROM sh_segments WHERE topic_no = ?1 AND partition = ?2 AND next_offset = ?3";
constexpr auto kList =
    sql_text("SELECT ", kObjectColumns,
             " FROM sh_objects WHERE object_key > ?1 ORDER BY object_key LIMIT ?2");
constexpr std::string_view kCountCommitted =
    "SELECT coalesce(sum(c.total_objects - s.trimmed_objects), 0),"
    " coalesce(sum(c.total_bytes - s.trimmed_bytes), 0) FROM sh_sessions s CROSS JOIN sh_commits c"
    " WHERE c.session = s.session"
    " AND c.seq = (SELECT max(seq) FROM sh_commits WHERE session = s.session)";
constexpr std::string_view kCountKept =
    "SELECT level, state, objects, bytes FROM sh_object_counts WHERE objects > 0"
    " ORDER BY level, state";
constexpr auto kDead = sql_text("SELECT ", kObjectColumns,
                                " FROM sh_objects WHERE state = 1 AND dead_at < ?1"
                                " ORDER BY dead_at, object_key LIMIT ?2");
constexpr std::string_view kForget = "DELETE FROM sh_objects WHERE object_key = ?1 AND state = 1";
constexpr std::string_view kCommits =
    "SELECT seq FROM sh_commits WHERE session = ?1 AND seq > ?2 AND kind = 'C' ORDER BY seq";
constexpr std::string_view kOfSession =
    "SELECT object_key FROM sh_objects WHERE session = ?1 AND state = ?2 ORDER BY object_key";

struct SegmentEnd {
  Offset next = {};
  std::string object_key = {};
};

SegmentEnd read_segment_end(Row row) {
  SegmentEnd segment;
  row.read_from(0, segment.next, segment.object_key);
  return segment;
}

ObjectCount read_committed_count(Row row) {
  return {.objects = row.get<std::uint64_t>(0), .bytes = row.get<std::uint64_t>(1)};
}

std::string read_text(Row row) { return row.get<std::string>(0); }

Seq read_seq(Row row) { return row.get<Seq>(0); }

}  // namespace

Result<std::size_t> SqliteMetadata::delete_segments_before(TopicPartition key, Offset before,
                                                           std::size_t limit) {
  return db().transaction([&]() -> Result<std::size_t> {
    SH_TRY(const Partition row, require_partition(db(), key));
    const Offset end = std::min(before, row.log_start);
    SH_TRY(const auto segments,
           db().all(kSegmentsBelow, read_segment_end, key.topic, key.partition, end, limit));
    for (const SegmentEnd& segment : segments) {
      SH_TRY_OK(db().execute(kDeleteSegment, key.topic, key.partition, segment.next));
      SH_TRY_OK(forget_segment_of(db(), segment.object_key, now_));
    }
    return segments.size();
  });
}

Result<std::vector<ObjectRow>> SqliteMetadata::list_objects(const std::string& after,
                                                            std::size_t limit) {
  return db().all(kList, read_object<Row>, after, limit);
}

/// sh_objects has no live rows of level 0: those stand in the logs.
Result<std::vector<ObjectCount>> SqliteMetadata::count_objects() {
  return db().snapshot([&]() -> Result<std::vector<ObjectCount>> {
    SH_TRY(const auto committed, db().first(kCountCommitted, read_committed_count));
    SH_TRY(auto counts, db().all(kCountKept, read_object_count<Row>));
    if (committed && committed->objects > 0) counts.insert(counts.begin(), *committed);
    return counts;
  });
}

Result<std::vector<ObjectRow>> SqliteMetadata::list_dead(DatabaseMs dead_before_ms,
                                                         std::size_t limit) {
  return db().all(kDead, read_object<Row>, dead_before_ms, limit);
}

Status SqliteMetadata::forget_objects(const std::vector<std::string>& keys) {
  return db().transaction([&]() -> Status {
    for (const std::string& key : keys) SH_TRY_OK(db().execute(kForget, key));
    return {};
  });
}

Result<NamedObjects> SqliteMetadata::named_objects(SessionId id) {
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
