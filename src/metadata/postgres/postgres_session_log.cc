// The session log: append, checkpoint, trim, tail, self-seal (rules P1, P3, P9, P10).
#include <algorithm>

#include "metadata/checked_row.h"
#include "metadata/postgres/postgres_metadata.h"
#include "metadata/postgres/tables/log_prefix.h"
#include "metadata/postgres/tables/partition_rows.h"
#include "metadata/postgres/tables/sessions.h"
#include "metadata/postgres/tables/visible_watermarks.h"
#include "metadata/rules/session_rules.h"
#include "metadata/sql/rows.h"

namespace streamhouse::metadata {

using base::Errc;
using base::make_error;
using namespace postgres;

namespace {

/// Rule P1 as one statement, the whole of a commit's transaction. Against a seal that is being
/// inserted it waits for that one's end.
constexpr auto kAppend = sql_text(
    "INSERT INTO sh_commits (session, seq, kind, crc, object_size, created_at, payload,"
    " total_objects, total_bytes)"
    " SELECT $1, $2, $3, $4, $5, coalesce($6, ",
    kClock,
    "), $7, total_objects + CASE WHEN $3 = 'C' THEN 1 ELSE 0 END, total_bytes + $5"
    " FROM sh_commits"
    " WHERE session = $1 AND seq = $2 - 1 AND kind <> 'S' ON CONFLICT DO NOTHING");
constexpr auto kCheckpoint =
    sql_text("SELECT ", kCheckpointColumns, " FROM sh_checkpoints WHERE session = $1");
constexpr std::string_view kStoreCheckpoint =
    "INSERT INTO sh_checkpoints (session, upto_seq, payload, visible_topics, visible_partitions,"
    " visible_epochs, visible_watermarks) VALUES ($1, $2, $3, $4, $5, $6, $7)"
    " ON CONFLICT (session) DO UPDATE SET upto_seq = excluded.upto_seq, payload = excluded.payload,"
    " visible_topics = excluded.visible_topics, visible_partitions = excluded.visible_partitions,"
    " visible_epochs = excluded.visible_epochs, visible_watermarks = excluded.visible_watermarks";
constexpr auto kTail = sql_text("SELECT ", kLogColumns,
                                " FROM sh_commits WHERE session = $1 AND seq > $2"
                                " ORDER BY seq LIMIT $3");

struct StoredCheckpoint {
  Seq upto_seq = {};
  base::Bytes payload = {};
};

StoredCheckpoint read_stored(Row row) { return {row.get<Seq>(0), row.get<base::Bytes>(1)}; }

Result<bool> insert_row(Connection& db, SessionId session, const LogRow& row,
                        std::optional<DatabaseMs> now) {
  SH_TRY(const auto inserted, db.execute(kAppend, session, row.seq, kind_letter(row.kind), row.crc,
                                         row.object_size, now, row.payload));
  return inserted == 1;
}

/// Rule P1: why an append of `wanted` inserted nothing.
Result<Appended> look_at(Connection& db, SessionId id, const LogRow& wanted) {
  SH_TRY(const auto session, find_session(db, id));
  if (!session)
    return make_error(Errc::kRegressed, "session " + to_string(id) + " of an append is unknown");
  SH_TRY(const auto there, find_row(db, id, wanted.seq));
  if (there && there->kind == wanted.kind && there->crc == wanted.crc) return Appended::kBefore;
  if (wanted.seq <= session->trimmed_to) return Appended::kBefore;
  SH_TRY(const LogEnd end, require_log_end(db, id));
  const std::string name = row_name(id, wanted.seq);
  if (end.has_seal() && end.newest <= wanted.seq)
    return make_error(Errc::kFenced, name + " lies behind the seal");
  return make_error(Errc::kRegressed,
                    name + " has no predecessor, or other content: rows are lost");
}

/// Whether the checkpoint is the stored one already.
Result<bool> check_order(Connection& db, SessionId session, Seq upto_seq,
                         const base::Bytes& payload) {
  SH_TRY(const auto newest, db.first(kCheckpoint, read_stored, session));
  if (newest && newest->upto_seq == upto_seq && newest->payload == payload) return true;
  if (newest && newest->upto_seq >= upto_seq)
    return make_error(Errc::kConflict, "a checkpoint up to " + row_name(session, newest->upto_seq) +
                                           " is there already");
  SH_TRY(const auto row, find_row(db, session, upto_seq));
  if (!row) return make_error(Errc::kInvalid, row_name(session, upto_seq) + " is not there");
  return false;
}

/// With it, what views and lists show of the partitions from now on.
Status store_checkpoint(Connection& db, SessionId session, Seq upto_seq, const base::Bytes& payload,
                        const segment::CheckpointTable& partitions) {
  SH_TRY(const VisibleWatermarks shown, visible_after(db, session, partitions));
  const VisibleColumns visible(shown);
  SH_TRY_OK(db.execute(kStoreCheckpoint, session, upto_seq, payload, visible.topics,
                       visible.partitions, visible.epochs, visible.high_watermarks));
  return {};
}

/// The end of the longest prefix up to `limit` that nobody needs any more.
Result<Seq> end_of_unneeded(Connection& db, const Session& session, Seq limit) {
  SpanNeeds spans(db);
  Seq end = session.trimmed_to;
  while (true) {
    SH_TRY(const auto rows, read_prefix(db, session.id, end, limit));
    if (rows.empty()) return end;
    SH_TRY_OK(spans.learn(rows));
    for (const PrefixRow& row : rows) {
      if (row.kind == RowKind::kCommit && spans.needs(row)) return end;
      end = row.seq;
    }
  }
}

/// What row seq of a session that seals itself means (rule P9), nullopt if the seal may be tried.
Result<std::optional<SelfSeal>> look_at_own(Connection& db, const Session& session, Seq seq) {
  SH_TRY(const auto there, find_row(db, session.id, seq));
  if (there && there->kind != RowKind::kSeal) return std::optional(SelfSeal::kCommitted);
  if (seq <= session.trimmed_to) return std::optional(SelfSeal::kCommitted);
  SH_TRY(const LogEnd end, require_log_end(db, session.id));
  if (end.has_seal() && end.newest <= seq) return std::optional(SelfSeal::kSealed);
  SH_TRY(const auto before, find_row(db, session.id, seq - 1));
  if (before && session.state == SessionState::kLive) return std::optional<SelfSeal>();
  return make_error(Errc::kRegressed,
                    row_name(session.id, seq) + " has no predecessor: rows are lost");
}

}  // namespace

/// A row that is there already is acknowledged only once every standby has it that must.
Result<Appended> PostgresMetadata::append(SessionId session, Seq seq, const LogEntry& entry) {
  SH_TRY(const CheckedRow checked, check_row(seq, entry));
  SH_TRY(const Appended appended, insert_or_find(session, checked, entry));
  if (appended == Appended::kBefore) SH_TRY_OK(db().confirm_commits());
  return appended;
}

Result<Appended> PostgresMetadata::insert_or_find(SessionId session, const CheckedRow& checked,
                                                  const LogEntry& entry) {
  if (const auto* release = std::get_if<ReleaseEntry>(&entry))
    return db().transaction([&]() -> Result<Appended> {
      SH_TRY(const bool inserted, insert_row(db(), session, checked.row, db().now()));
      if (!inserted) return look_at(db(), session, checked.row);
      SH_TRY_OK(free_partitions(db(), session, release->partitions));
      return Appended::kNow;
    });
  SH_TRY(const bool inserted, insert_row(db(), session, checked.row, db().fixed_time()));
  if (inserted) return Appended::kNow;
  return db().snapshot([&] { return look_at(db(), session, checked.row); });
}

Status PostgresMetadata::checkpoint(SessionId id, Seq upto_seq,
                                    const segment::CheckpointTable& partitions) {
  SH_TRY_OK(check_table(partitions));
  const base::Bytes payload(segment::encode_checkpoint(partitions));
  return db().transaction([&]() -> Status {
    SH_TRY(const auto session, lock_session(db(), id));
    if (!session || session->state != SessionState::kLive) return session_not_live(id);
    SH_TRY(const bool repeated, check_order(db(), id, upto_seq, payload));
    if (repeated) return {};
    return store_checkpoint(db(), id, upto_seq, payload, partitions);
  });
}

Result<Seq> PostgresMetadata::trim(SessionId id, Seq upto_seq) {
  return db().transaction([&]() -> Result<Seq> {
    SH_TRY(const auto session, lock_session(db(), id));
    if (!session) return session_not_found(id);
    if (session->state == SessionState::kFencing)
      return make_error(Errc::kFenced, "session " + to_string(id) + " is being taken over");
    SH_TRY(const Seq covered, covered_to(db(), *session));
    SH_TRY(const Seq end, end_of_unneeded(db(), *session, std::min(upto_seq, covered)));
    if (end <= session->trimmed_to) return end;
    ObjectCounts counts;
    SH_TRY_OK(drop_prefix(db(), *session, end, counts));
    SH_TRY_OK(counts.store(db()));
    return end;
  });
}

Result<std::vector<LogRow>> PostgresMetadata::tail(SessionId id, Seq after, std::size_t limit) {
  return db().snapshot([&]() -> Result<std::vector<LogRow>> {
    SH_TRY(const Session session, require_session(db(), id));
    return db().all(kTail, read_log_row<Row>, id, std::max(after, session.trimmed_to), limit);
  });
}

Result<SelfSeal> PostgresMetadata::self_seal(SessionId id, Seq seq) {
  if (seq < Seq(1)) return make_error(Errc::kInvalid, row_name(id, seq) + " cannot be a seal");
  return db().transaction([&]() -> Result<SelfSeal> {
    SH_TRY(const auto session, lock_session(db(), id));
    if (!session)
      return make_error(Errc::kRegressed, row_name(id, seq) + " has no predecessor: rows are lost");
    while (true) {  // at most twice: a row that came before the seal stays
      SH_TRY(const auto known, look_at_own(db(), *session, seq));
      if (known) return *known;
      SH_TRY(const bool sealed, insert_seal(db(), id, seq));
      if (sealed) return SelfSeal::kSealed;
    }
  });
}

}  // namespace streamhouse::metadata
