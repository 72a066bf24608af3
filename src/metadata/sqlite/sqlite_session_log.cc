// The session log: append, checkpoint, trim, tail, self-seal (rules P1, P3, P9, P10).
#include <algorithm>

#include "metadata/checked_row.h"
#include "metadata/rules/session_rules.h"
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

/// Rule P1 as one statement, the whole of a commit's transaction.
constexpr std::string_view kAppend =
    "INSERT INTO sh_commits (session, seq, kind, crc, object_size, created_at, payload,"
    " total_objects, total_bytes)"
    " SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, total_objects + (?3 = 'C'), total_bytes + ?5"
    " FROM sh_commits"
    " WHERE session = ?1 AND seq = ?2 - 1 AND kind <> 'S' ON CONFLICT DO NOTHING";
constexpr std::string_view kCheckpoint =
    "SELECT upto_seq, payload FROM sh_checkpoints WHERE session = ?1";
constexpr std::string_view kStoreCheckpoint =
    "INSERT INTO sh_checkpoints (session, upto_seq, payload) VALUES (?1, ?2, ?3)"
    " ON CONFLICT DO UPDATE SET upto_seq = ?2, payload = ?3";
constexpr std::string_view kRaiseVisible =
    "UPDATE sh_partitions SET visible_high_watermark = ?5 WHERE topic_no = ?1 AND partition = ?2"
    " AND owner_session = ?3 AND leader_epoch = ?4 AND visible_high_watermark < ?5";
constexpr auto kTail = sql_text("SELECT ", kLogColumns,
                                " FROM sh_commits WHERE session = ?1 AND seq > ?2"
                                " ORDER BY seq LIMIT ?3");
constexpr std::string_view kPrefix =
    "SELECT seq, kind, payload FROM sh_commits WHERE session = ?1 AND seq > ?2 AND seq <= ?3"
    " ORDER BY seq";

struct StoredCheckpoint {
  Seq upto_seq = {};
  base::Bytes payload = {};
};

StoredCheckpoint read_stored(Row row) { return {row.get<Seq>(0), row.get<base::Bytes>(1)}; }

Result<bool> insert_row(Connection& db, SessionId session, const LogRow& row, DatabaseMs now) {
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

/// The end of the longest prefix up to `limit` that nobody needs any more.
Result<Seq> end_of_unneeded(Connection& db, const Session& session, Seq limit) {
  SpanNeeds spans(db);
  Seq end = session.trimmed_to;
  const auto visit = [&](Row row) -> Result<Next> {
    const auto seq = row.get<Seq>(0);
    if (kind_of_letter(row.text(1)) == RowKind::kCommit) {
      SH_TRY(const bool needed, spans.needs(session.id, seq, row.blob(2)));
      if (needed) return Next::kStop;
    }
    end = seq;
    return Next::kContinue;
  };
  SH_TRY_OK(db.each(kPrefix, visit, session.id, session.trimmed_to, limit));
  return end;
}

}  // namespace

Result<Appended> SqliteMetadata::append(SessionId session, Seq seq, const LogEntry& entry) {
  SH_TRY(const CheckedRow checked, check_row(seq, entry));
  if (const auto* release = std::get_if<ReleaseEntry>(&entry))
    return db().transaction([&]() -> Result<Appended> {
      SH_TRY(const bool inserted, insert_row(db(), session, checked.row, now_));
      if (!inserted) return look_at(db(), session, checked.row);
      for (const auto& partition : release->partitions)
        SH_TRY_OK(free_partition(db(), session, partition, now_));
      return Appended::kNow;
    });
  SH_TRY(const bool inserted, insert_row(db(), session, checked.row, now_));
  if (inserted) return Appended::kNow;
  return db().snapshot([&] { return look_at(db(), session, checked.row); });
}

Status SqliteMetadata::checkpoint(SessionId session, Seq upto_seq,
                                  const segment::CheckpointTable& partitions) {
  SH_TRY_OK(check_table(partitions));
  const base::Bytes payload(segment::encode_checkpoint(partitions));
  return db().transaction([&]() -> Status {
    SH_TRY_OK(require_live(db(), session));
    SH_TRY(const bool repeated, check_order(db(), session, upto_seq, payload));
    if (repeated) return {};
    SH_TRY_OK(db().execute(kStoreCheckpoint, session, upto_seq, payload));
    for (const auto& entry : partitions)
      SH_TRY_OK(db().execute(kRaiseVisible, entry.partition.topic, entry.partition.partition,
                             session, entry.epoch, entry.high_watermark));
    return {};
  });
}

Result<Seq> SqliteMetadata::trim(SessionId id, Seq upto_seq) {
  return db().transaction([&]() -> Result<Seq> {
    SH_TRY(const Session session, require_session(db(), id));
    if (session.state == SessionState::kFencing)
      return make_error(Errc::kFenced, "session " + to_string(id) + " is being taken over");
    SH_TRY(const Seq covered, covered_to(db(), session));
    SH_TRY(const Seq end, end_of_unneeded(db(), session, std::min(upto_seq, covered)));
    if (end > session.trimmed_to) SH_TRY_OK(drop_prefix(db(), session, end, now_));
    return end;
  });
}

Result<std::vector<LogRow>> SqliteMetadata::tail(SessionId id, Seq after, std::size_t limit) {
  return db().snapshot([&]() -> Result<std::vector<LogRow>> {
    SH_TRY(const Session session, require_session(db(), id));
    return db().all(kTail, read_log_row<Row>, id, std::max(after, session.trimmed_to), limit);
  });
}

Result<SelfSeal> SqliteMetadata::self_seal(SessionId id, Seq seq) {
  if (seq < Seq(1)) return make_error(Errc::kInvalid, row_name(id, seq) + " cannot be a seal");
  return db().transaction([&]() -> Result<SelfSeal> {
    const base::Error lost =
        make_error(Errc::kRegressed, row_name(id, seq) + " has no predecessor: rows are lost");
    SH_TRY(const auto session, find_session(db(), id));
    if (!session) return lost;
    SH_TRY(const auto there, find_row(db(), id, seq));
    if (there && there->kind != RowKind::kSeal) return SelfSeal::kCommitted;
    if (seq <= session->trimmed_to) return SelfSeal::kCommitted;
    SH_TRY(const LogEnd end, require_log_end(db(), id));
    if (end.has_seal() && end.newest <= seq) return SelfSeal::kSealed;
    SH_TRY(const auto before, find_row(db(), id, seq - 1));
    if (!before || session->state != SessionState::kLive) return lost;
    SH_TRY_OK(insert_seal(db(), id, seq, now_));
    return SelfSeal::kSealed;
  });
}

}  // namespace streamhouse::metadata
