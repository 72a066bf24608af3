// Compaction's one transaction (rule P15).
#include <algorithm>
#include <set>

#include "metadata/rules/session_rules.h"
#include "metadata/rules/setting_rules.h"
#include "metadata/sql/rows.h"
#include "metadata/sqlite/sqlite_metadata.h"
#include "metadata/sqlite/tables/log_prefix.h"
#include "metadata/sqlite/tables/partition_rows.h"
#include "metadata/sqlite/tables/sessions.h"

namespace streamhouse::metadata {

using base::Errc;
using base::make_error;
using namespace sqlite;

namespace {

constexpr std::string_view kObjectSession = "SELECT session FROM sh_objects WHERE object_key = ?1";
constexpr std::string_view kPrefix =
    "SELECT seq, kind, payload FROM sh_commits WHERE session = ?1 AND seq > ?2 AND seq <= ?3"
    " ORDER BY seq";
constexpr std::string_view kPartitionExists =
    "SELECT 1 FROM sh_partitions WHERE topic_no = ?1 AND partition = ?2";
constexpr std::string_view kInsertObject =
    "INSERT INTO sh_objects (object_key, session, level, size, segment_count, state, dead_at)"
    " VALUES (?1, ?2, 1, ?3, ?4, ?5, ?6)";
constexpr std::string_view kInsertSegment =
    "INSERT INTO sh_segments (topic_no, partition, next_offset, base_offset, object_key, position,"
    " length, object_size, record_count, max_timestamp, leader_epoch, created_at)"
    " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12) ON CONFLICT DO NOTHING";

/// What is counted of each new object: its segments, its size.
struct NewObject {
  std::uint64_t size = 0;
  std::size_t segment_count = 0;
};
using NewObjects = std::map<std::string, NewObject>;

NewObjects new_objects(const Replacement& replacement) {
  NewObjects objects;
  for (const ObjectRow& object : replacement.objects)
    objects.try_emplace(object.key, NewObject{object.size, 0});
  return objects;
}

/// Whether all objects are there as the compactor's own. Errors: kConflict is left to the caller.
Result<bool> is_repeated(Connection& db, const Replacement& replacement) {
  for (const ObjectRow& object : replacement.objects) {
    SH_TRY(const auto session, db.value<SessionId>(kObjectSession, object.key));
    if (session != replacement.compactor) return false;
  }
  return true;
}

/// Every commit of the prefix is an input or needed by nobody, and every input is there.
Status check_inputs(Connection& db, const Session& log, const Replacement& replacement) {
  SpanNeeds spans(db);
  std::set<Seq> inputs(replacement.inputs.begin(), replacement.inputs.end());
  const auto visit = [&](Row row) -> Result<Next> {
    const auto seq = row.get<Seq>(0);
    const bool is_input = inputs.erase(seq) > 0;
    const bool is_commit = kind_of_letter(row.text(1)) == RowKind::kCommit;
    if (is_input && !is_commit)
      return make_error(Errc::kConflict, row_name(log.id, seq) + " is no commit");
    if (is_input || !is_commit) return Next::kContinue;
    SH_TRY(const bool needed, spans.needs(log.id, seq, row.blob(2)));
    if (!needed) return Next::kContinue;
    return make_error(Errc::kConflict, row_name(log.id, seq) + " would be lost");
  };
  SH_TRY_OK(db.each(kPrefix, visit, log.id, log.trimmed_to, replacement.upto_seq));
  if (inputs.empty()) return {};
  return make_error(Errc::kConflict, row_name(log.id, *inputs.begin()) + " is missing or void");
}

Result<Session> check_log(Connection& db, const Replacement& replacement) {
  SH_TRY_OK(require_live(db, replacement.compactor));
  SH_TRY(const auto log, find_session(db, replacement.log));
  if (!log) return make_error(Errc::kConflict, "there is no session " + to_string(replacement.log));
  if (log->state == SessionState::kFencing)
    return make_error(Errc::kFenced,
                      "session " + to_string(replacement.log) + " is being taken over");
  SH_TRY(const Seq covered, covered_to(db, *log));
  if (replacement.upto_seq > covered)
    return make_error(Errc::kConflict,
                      "the end of the replaced prefix is not covered, or the newest");
  SH_TRY_OK(check_inputs(db, *log, replacement));
  for (const ObjectRow& object : replacement.objects) {
    SH_TRY(const auto taken, db.value<SessionId>(kObjectSession, object.key));
    if (taken) return make_error(Errc::kConflict, "object " + object.key + " is there already");
  }
  return *log;
}

Status insert_segment(Connection& db, const Segment& segment, NewObject& object, DatabaseMs now) {
  const auto& [key, location, record_count] = segment;
  SH_TRY(const auto there, db.value<int>(kPartitionExists, key.topic, key.partition));
  if (!there) return {};
  SH_TRY(const auto inserted,
         db.execute(kInsertSegment, key.topic, key.partition, location.offsets.next,
                    location.offsets.base, location.object_key, location.position, location.length,
                    object.size, record_count, location.max_timestamp, location.epoch, now));
  if (inserted == 0)
    return make_error(Errc::kConflict, "a segment of partition " + to_string(key) +
                                           " with that end is there already");
  ++object.segment_count;
  return {};
}

Status insert_objects(Connection& db, SessionId compactor, const NewObjects& objects,
                      DatabaseMs now) {
  for (const auto& [key, object] : objects) {
    const bool is_dead = object.segment_count == 0;
    const ObjectState state = is_dead ? ObjectState::kDead : ObjectState::kLive;
    SH_TRY_OK(db.execute(kInsertObject, key, compactor, object.size, object.segment_count, state,
                         is_dead ? now : 0));
  }
  return {};
}

}  // namespace

Status SqliteMetadata::replace_objects(const Replacement& replacement) {
  SH_TRY_OK(check_replacement_form(replacement));
  NewObjects objects = new_objects(replacement);
  return db().transaction([&]() -> Status {
    SH_TRY(const bool repeated, is_repeated(db(), replacement));
    if (repeated) return {};
    SH_TRY(const Session log, check_log(db(), replacement));
    for (const Segment& segment : replacement.segments)
      SH_TRY_OK(insert_segment(db(), segment, objects.at(segment.location.object_key), now_));
    SH_TRY_OK(insert_objects(db(), replacement.compactor, objects, now_));
    return drop_prefix(db(), log, replacement.upto_seq, now_);
  });
}

}  // namespace streamhouse::metadata
