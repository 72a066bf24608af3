#include "metadata/sqlite/tables/log_prefix.h"

#include <algorithm>
#include <limits>

#include "metadata/rules/session_rules.h"
#include "metadata/sqlite/tables/sessions.h"
#include "segment/object_key.h"
#include "segment/span.h"

namespace streamhouse::metadata::sqlite {
namespace {

constexpr std::string_view kLogStart =
    "SELECT log_start FROM sh_partitions WHERE topic_no = ?1 AND partition = ?2";
constexpr std::string_view kCheckpointEnd =
    "SELECT upto_seq FROM sh_checkpoints WHERE session = ?1";
constexpr std::string_view kCommits =
    "SELECT seq, object_size FROM sh_commits"
    " WHERE session = ?1 AND seq > ?2 AND seq <= ?3 AND kind = 'C'";
constexpr std::string_view kInsertDead =
    "INSERT INTO sh_objects (object_key, session, level, size, segment_count, state, dead_at)"
    " VALUES (?1, ?2, 0, ?3, 0, 1, ?4) ON CONFLICT DO UPDATE"
    " SET session = ?2, level = 0, size = ?3, segment_count = 0, state = 1, dead_at = ?4";
constexpr std::string_view kDelete =
    "DELETE FROM sh_commits WHERE session = ?1 AND seq BETWEEN 1 AND ?2";
constexpr std::string_view kRaiseTrim =
    "UPDATE sh_sessions SET trimmed_to = ?2, (trimmed_objects, trimmed_bytes) ="
    " (SELECT total_objects, total_bytes FROM sh_commits WHERE session = ?1 AND seq = ?2)"
    " WHERE session = ?1";

/// Stands for a partition that is gone: no offset reaches above it.
constexpr Offset kNothingNeeded{std::numeric_limits<std::int64_t>::max()};

struct Commit {
  Seq seq;
  std::uint64_t object_size;
};

Commit read_commit(Row row) { return {row.get<Seq>(0), row.get<std::uint64_t>(1)}; }

}  // namespace

Result<bool> SpanNeeds::needs(SessionId session, Seq seq, base::BytesView span_table) {
  const auto spans = segment::decode_span_table(span_table);
  if (!spans) return {base::Errc::kCorrupt, row_name(session, seq) + ": " + spans.error().text};
  for (const segment::Span& span : *spans) {
    SH_TRY(const Offset start, log_start(span.partition));
    if (span.offsets.next > start) return true;
  }
  return false;
}

Result<Offset> SpanNeeds::log_start(TopicPartition key) {
  if (const auto known = log_starts_.find(key); known != log_starts_.end()) return known->second;
  SH_TRY(const auto found, db_.value<Offset>(kLogStart, key.topic, key.partition));
  return log_starts_.emplace(key, found.value_or(kNothingNeeded)).first->second;
}

Result<Seq> covered_to(Connection& db, const Session& session) {
  SH_TRY(const LogEnd end, require_log_end(db, session.id));
  const Seq below_newest = end.newest - 1;
  if (session.state == SessionState::kRecovered) return below_newest;
  SH_TRY(const auto checkpoint, db.value<Seq>(kCheckpointEnd, session.id));
  return std::min(below_newest, checkpoint.value_or(Seq(0)));
}

Status drop_prefix(Connection& db, const Session& session, Seq upto_seq, DatabaseMs now) {
  SH_TRY(const auto commits,
         db.all(kCommits, read_commit, session.id, session.trimmed_to, upto_seq));
  for (const Commit& commit : commits) {
    const std::string key = segment::object_key(session.id, commit.seq);
    SH_TRY_OK(db.execute(kInsertDead, key, session.id, commit.object_size, now));
  }
  SH_TRY_OK(db.execute(kRaiseTrim, session.id, upto_seq));
  SH_TRY_OK(db.execute(kDelete, session.id, upto_seq));
  return {};
}

}  // namespace streamhouse::metadata::sqlite
