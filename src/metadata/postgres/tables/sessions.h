#pragma once
/// \file  Session rows and the ends of their logs, as several operations look at them.

#include "metadata/metadata_store.h"
#include "metadata/postgres/driver/connection.h"

namespace streamhouse::metadata::postgres {

Result<std::optional<Session>> find_session(Connection& db, SessionId session);
/// Errors: kNotFound.
Result<Session> require_session(Connection& db, SessionId session);
/// Locks the row for update. Of several sessions, lock that with the smaller number first, taken
/// as signed.
Result<std::optional<Session>> lock_session(Connection& db, SessionId session);
/// Locks the row so that nobody seals the session meanwhile. Errors: kFenced unless the session is
/// known and live.
Status share_live(Connection& db, SessionId session);

/// The newest row of a log; a seal is always the newest.
struct LogEnd {
  Seq newest = {};
  RowKind kind = RowKind::kOpen;
  bool has_seal() const { return kind == RowKind::kSeal; }
};
/// Errors: kNotFound for a session that was never opened.
Result<LogEnd> require_log_end(Connection& db, SessionId session);
/// The seal's seq. Errors: kNotFound for an unknown session; kInvalid if it is not sealed.
Result<Seq> require_seal(Connection& db, SessionId session);

/// Seals the log at `seq`, sets the session fencing and returns true; false, and nothing done, if
/// another row came before it there. Requires: the session's row is locked; row seq-1 is there.
Result<bool> insert_seal(Connection& db, SessionId session, Seq seq);

struct RowMark {
  RowKind kind;
  std::uint32_t crc;
};
Result<std::optional<RowMark>> find_row(Connection& db, SessionId session, Seq seq);

}  // namespace streamhouse::metadata::postgres
