// Sessions, and the take-over of dead ones (rules P4-P6).
#include "metadata/checked_row.h"
#include "metadata/rules/session_rules.h"
#include "metadata/sql/rows.h"
#include "metadata/sqlite/sqlite_metadata.h"
#include "metadata/sqlite/tables/partition_rows.h"
#include "metadata/sqlite/tables/sessions.h"

namespace streamhouse::metadata {

using base::Errc;
using base::make_error;
using namespace sqlite;

namespace {

// Ids are unsigned: those with the highest bit set are kept as negative numbers and come last.
constexpr auto kList = sql_text("SELECT ", kSessionColumns,
                                " FROM sh_sessions WHERE (session < 0, session) > (?1 < 0, ?1)"
                                " ORDER BY session < 0, session LIMIT ?2");
constexpr auto kUnrecoveredOfAgent =
    sql_text("SELECT ", kSessionColumns,
             " FROM sh_sessions WHERE state <> 2 AND agent_id = ?1 ORDER BY session < 0, session");
constexpr std::string_view kDue =
    "SELECT s.session, s.agent_id, s.state, s.trimmed_to, s.opened_at FROM sh_sessions s"
    " LEFT JOIN sh_agents a ON a.agent_id = s.agent_id AND a.session = s.session"
    " WHERE s.state <> 2 AND ifnull(a.expires_at, ?1) <= ?1 ORDER BY s.session < 0, s.session";
constexpr std::string_view kCheckpoint =
    "SELECT upto_seq, payload FROM sh_checkpoints WHERE session = ?1";
constexpr auto kRows = sql_text("SELECT ", kLogColumns,
                                " FROM sh_commits WHERE session = ?1 AND seq >= ?2 AND seq < ?3"
                                " ORDER BY seq");
constexpr std::string_view kSetRecovered = "UPDATE sh_sessions SET state = 2 WHERE session = ?1";
constexpr std::string_view kDropCheckpoint = "DELETE FROM sh_checkpoints WHERE session = ?1";
constexpr std::string_view kStillOwned =
    "SELECT count(*) FROM sh_partitions WHERE owner_session = ?1";

Result<std::optional<CheckpointRow>> newest_checkpoint(Connection& db, SessionId session) {
  return db.first(
      kCheckpoint, [session](Row row) { return read_checkpoint(session, row); }, session);
}

}  // namespace

Result<std::vector<Session>> SqliteMetadata::list_due_sessions(
    const std::optional<std::string>& agent_id) {
  if (agent_id) return db().all(kUnrecoveredOfAgent, read_session<Row>, *agent_id);
  return db().all(kDue, read_session<Row>, now_);
}

Result<Session> SqliteMetadata::get_session(SessionId session) {
  return require_session(db(), session);
}

Result<std::vector<Session>> SqliteMetadata::list_sessions(SessionId after, std::size_t limit) {
  return db().all(kList, read_session<Row>, after, limit);
}

Result<Seq> SqliteMetadata::seal_session(SessionId session) {
  return db().transaction([&]() -> Result<Seq> {
    SH_TRY(const LogEnd end, require_log_end(db(), session));
    if (end.has_seal()) return end.newest;
    SH_TRY_OK(insert_seal(db(), session, end.newest + 1, now_));
    return end.newest + 1;
  });
}

Result<std::optional<CheckpointRow>> SqliteMetadata::get_checkpoint(SessionId session) {
  return db().snapshot([&]() -> Result<std::optional<CheckpointRow>> {
    SH_TRY_OK(require_session(db(), session));
    return newest_checkpoint(db(), session);
  });
}

Result<RecoveryView> SqliteMetadata::load_recovery(SessionId session) {
  return db().snapshot([&]() -> Result<RecoveryView> {
    RecoveryView view;
    SH_TRY(view.session, require_session(db(), session));
    SH_TRY(view.seal, require_seal(db(), session));
    SH_TRY(view.checkpoint, newest_checkpoint(db(), session));
    SH_TRY(view.owned, partitions_of_owner(db(), session));
    SH_TRY(view.rows, db().all(kRows, read_log_row<Row>, session, replay_start(view), view.seal));
    return view;
  });
}

Result<std::size_t> SqliteMetadata::recover_partitions(
    SessionId session, const segment::CheckpointTable& final_states) {
  return db().transaction([&]() -> Result<std::size_t> {
    SH_TRY_OK(require_seal(db(), session));
    SH_TRY_OK(check_table(final_states));
    std::size_t written = 0;
    for (const auto& entry : final_states) {
      SH_TRY(const bool freed, free_partition(db(), session, entry, now_));
      written += freed ? 1 : 0;
    }
    return written;
  });
}

Status SqliteMetadata::finish_recovery(SessionId session) {
  return db().transaction([&]() -> Status {
    SH_TRY_OK(require_seal(db(), session));
    SH_TRY(const auto owned, db().value<std::int64_t>(kStillOwned, session));
    if (*owned > 0)
      return make_error(Errc::kConflict, "session " + to_string(session) + " still owns " +
                                             std::to_string(*owned) + " partitions");
    SH_TRY_OK(db().execute(kSetRecovered, session));
    SH_TRY_OK(db().execute(kDropCheckpoint, session));
    return {};
  });
}

}  // namespace streamhouse::metadata
