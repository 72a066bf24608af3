#pragma once
/// \file  Session rows and the ends of their logs, as several operations look at them.

#include "metadata/metadata_store.h"
#include "metadata/sqlite/driver/connection.h"

namespace streamhouse::metadata::sqlite {

Result<std::optional<Session>> find_session(Connection& db, SessionId session);
/// Errors: kNotFound.
Result<Session> require_session(Connection& db, SessionId session);
/// Errors: kFenced unless the session is known and live.
Status require_live(Connection& db, SessionId session);

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

/// Seals the log at `seq` and sets the session fencing. Requires: no seal is there.
Status insert_seal(Connection& db, SessionId session, Seq seq, DatabaseMs now);

struct RowMark {
  RowKind kind;
  std::uint32_t crc;
};
Result<std::optional<RowMark>> find_row(Connection& db, SessionId session, Seq seq);

}  // namespace streamhouse::metadata::sqlite
