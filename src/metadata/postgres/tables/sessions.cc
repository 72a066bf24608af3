#include "metadata/postgres/tables/sessions.h"

#include "metadata/rules/session_rules.h"
#include "metadata/sql/rows.h"

namespace streamhouse::metadata::postgres {
namespace {

constexpr auto kFind = sql_text("SELECT ", kSessionColumns, " FROM sh_sessions WHERE session = $1");
constexpr auto kLock =
    sql_text("SELECT ", kSessionColumns, " FROM sh_sessions WHERE session = $1 FOR UPDATE");
constexpr std::string_view kShareLive =
    "SELECT 1 FROM sh_sessions WHERE session = $1 AND state = 0 FOR SHARE";
constexpr std::string_view kLogEnd =
    "SELECT seq, kind FROM sh_commits WHERE session = $1 ORDER BY seq DESC LIMIT 1";
constexpr std::string_view kRow =
    "SELECT kind, crc FROM sh_commits WHERE session = $1 AND seq = $2";
constexpr std::string_view kInsertSeal =
    "INSERT INTO sh_commits (session, seq, kind, crc, object_size, created_at, payload,"
    " total_objects, total_bytes)"
    " SELECT $1, $2, 'S', 0, 0, $3, ''::bytea, total_objects, total_bytes FROM sh_commits"
    " WHERE session = $1 AND seq = $2 - 1 ON CONFLICT DO NOTHING";
constexpr std::string_view kSetFencing = "UPDATE sh_sessions SET state = 1 WHERE session = $1";

LogEnd read_log_end(Row row) { return {row.get<Seq>(0), kind_of_letter(row.text(1))}; }

RowMark read_mark(Row row) { return {kind_of_letter(row.text(0)), row.get<std::uint32_t>(1)}; }

}  // namespace

Result<std::optional<Session>> find_session(Connection& db, SessionId session) {
  return db.first(kFind, read_session<Row>, session);
}

Result<Session> require_session(Connection& db, SessionId session) {
  SH_TRY(auto found, find_session(db, session));
  if (found) return *std::move(found);
  return session_not_found(session);
}

Result<std::optional<Session>> lock_session(Connection& db, SessionId session) {
  return db.first(kLock, read_session<Row>, session);
}

Status share_live(Connection& db, SessionId session) {
  SH_TRY(const auto live, db.value<int>(kShareLive, session));
  if (live) return {};
  return session_not_live(session);
}

Result<LogEnd> require_log_end(Connection& db, SessionId session) {
  SH_TRY(const auto end, db.first(kLogEnd, read_log_end, session));
  if (end) return *end;
  return session_not_found(session);
}

Result<Seq> require_seal(Connection& db, SessionId session) {
  SH_TRY(const LogEnd end, require_log_end(db, session));
  if (!end.has_seal()) return session_not_sealed(session);
  return end.newest;
}

Result<bool> insert_seal(Connection& db, SessionId session, Seq seq) {
  SH_TRY(const auto inserted, db.execute(kInsertSeal, session, seq, db.now()));
  if (inserted == 0) return false;
  SH_TRY_OK(db.execute(kSetFencing, session));
  return true;
}

Result<std::optional<RowMark>> find_row(Connection& db, SessionId session, Seq seq) {
  return db.first(kRow, read_mark, session, seq);
}

}  // namespace streamhouse::metadata::postgres
