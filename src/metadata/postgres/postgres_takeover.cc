// Sessions, and the take-over of dead ones (rules P4-P6).
#include "metadata/checked_row.h"
#include "metadata/postgres/postgres_metadata.h"
#include "metadata/postgres/tables/partition_rows.h"
#include "metadata/postgres/tables/sessions.h"
#include "metadata/rules/session_rules.h"
#include "metadata/sql/rows.h"

namespace streamhouse::metadata {

using base::Errc;
using base::make_error;
using namespace postgres;

namespace {

// Ids are unsigned: those with the highest bit set are kept as negative numbers and come last.
constexpr auto kList = sql_text("SELECT ", kSessionColumns,
                                " FROM sh_sessions WHERE (session < 0, session) > ($1 < 0, $1)"
                                " ORDER BY session < 0, session LIMIT $2");
constexpr auto kUnrecoveredOfAgent =
    sql_text("SELECT ", kSessionColumns,
             " FROM sh_sessions WHERE state <> 2 AND agent_id = $1 ORDER BY session < 0, session");
constexpr auto kDue = sql_text(
    "SELECT s.session, s.agent_id, s.state, s.trimmed_to, s.opened_at FROM sh_sessions s"
    " LEFT JOIN sh_agents a ON a.agent_id = s.agent_id AND a.session = s.session"
    " WHERE s.state <> 2 AND (a.expires_at IS NULL OR a.expires_at <= coalesce($1, ",
    kClock, ")) ORDER BY s.session < 0, s.session");
constexpr auto kCheckpoint =
    sql_text("SELECT ", kCheckpointColumns, " FROM sh_checkpoints WHERE session = $1");
constexpr auto kRows = sql_text("SELECT ", kLogColumns,
                                " FROM sh_commits WHERE session = $1 AND seq >= $2 AND seq < $3"
                                " ORDER BY seq");
constexpr std::string_view kSetRecovered = "UPDATE sh_sessions SET state = 2 WHERE session = $1";
constexpr std::string_view kDropCheckpoint = "DELETE FROM sh_checkpoints WHERE session = $1";
constexpr std::string_view kStillOwned =
    "SELECT count(*) FROM sh_partitions WHERE owner_session = $1";

Result<std::optional<CheckpointRow>> newest_checkpoint(Connection& db, SessionId session) {
  const auto read = [session](Row row) { return read_checkpoint(session, row); };
  return db.first(kCheckpoint, read, session);
}

}  // namespace

Result<std::vector<Session>> PostgresMetadata::list_due_sessions(
    const std::optional<std::string>& agent_id) {
  if (agent_id) return db().all(kUnrecoveredOfAgent, read_session<Row>, *agent_id);
  return db().all(kDue, read_session<Row>, db().fixed_time());
}

Result<Session> PostgresMetadata::get_session(SessionId session) {
  return require_session(db(), session);
}

Result<std::vector<Session>> PostgresMetadata::list_sessions(SessionId after, std::size_t limit) {
  return db().all(kList, read_session<Row>, after, limit);
}

/// The session's row is locked, so nobody else seals it; appends go on until one of them loses.
Result<Seq> PostgresMetadata::seal_session(SessionId id) {
  return db().transaction([&]() -> Result<Seq> {
    SH_TRY(const auto session, lock_session(db(), id));
    if (!session) return session_not_found(id);
    while (true) {
      SH_TRY(const LogEnd end, require_log_end(db(), id));
      if (end.has_seal()) return end.newest;
      SH_TRY(const bool sealed, insert_seal(db(), id, end.newest + 1));
      if (sealed) return end.newest + 1;
    }
  });
}

Result<std::optional<CheckpointRow>> PostgresMetadata::get_checkpoint(SessionId session) {
  return db().snapshot([&]() -> Result<std::optional<CheckpointRow>> {
    SH_TRY_OK(require_session(db(), session));
    return newest_checkpoint(db(), session);
  });
}

Result<RecoveryView> PostgresMetadata::load_recovery(SessionId session) {
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

Result<std::size_t> PostgresMetadata::recover_partitions(
    SessionId session, const segment::CheckpointTable& final_states) {
  return db().transaction([&]() -> Result<std::size_t> {
    SH_TRY_OK(require_seal(db(), session));
    SH_TRY_OK(check_table(final_states));
    return free_partitions(db(), session, final_states);
  });
}

/// No partition gets a sealed session as owner any more, so the count only falls.
Status PostgresMetadata::finish_recovery(SessionId session) {
  return db().transaction([&]() -> Status {
    SH_TRY_OK(lock_session(db(), session));
    SH_TRY_OK(require_seal(db(), session));
    SH_TRY(const auto owned, db().value<std::int64_t>(kStillOwned, session));
    if (owned.value_or(0) > 0)
      return make_error(Errc::kConflict, "session " + to_string(session) + " still owns " +
                                             std::to_string(*owned) + " partitions");
    SH_TRY_OK(db().execute(kSetRecovered, session));
    SH_TRY_OK(db().execute(kDropCheckpoint, session));
    return {};
  });
}

}  // namespace streamhouse::metadata
