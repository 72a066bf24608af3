#pragma once
/// \file  What every store asks of a session, and what of a sealed one is replayed, the same
/// everywhere.

#include "metadata/leases.h"

namespace streamhouse::metadata {

/// Errors: kInvalid, as open_session has them.
Status check_new_session(const NewSession& session);
/// Errors: kInvalid if it is below 1 ms.
Status check_timeout(std::int64_t timeout_ms);
base::Error session_not_found(SessionId session);
base::Error session_not_live(SessionId session);
base::Error session_not_sealed(SessionId session);
/// Rule P7: the agent id is that of a live session at `address`, if that is known.
base::Error agent_id_in_use(const std::string& agent_id, SessionId session,
                            const std::optional<std::string>& address);

/// First seq that the replay of any owned partition needs (RecoveryView::rows). Requires: all of
/// `view` but its rows.
Seq replay_start(const RecoveryView& view);

/// `row 5 of session 0123456789abcdef`
std::string row_name(SessionId session, Seq seq);

}  // namespace streamhouse::metadata
