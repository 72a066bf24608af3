#pragma once
/// \file  What PostgreSQL reports, in the project's error vocabulary, and what is known afterwards.

#include <string>
#include <string_view>

#include "base/error.h"

namespace streamhouse::metadata::postgres {

/// Where a call failed decides what is known: before COMMIT the transaction is certainly not
/// applied; a connection that breaks while COMMIT runs (or a statement that is a transaction of its
/// own) leaves the outcome open.
enum class Phase : std::uint8_t { kStatement, kCommit };

/// What a failure means for whoever may try again.
enum class Failure : std::uint8_t {
  kNone,      ///< None, or one that a repetition would meet again.
  kConflict,  ///< Lost against another transaction, rolled back: the same call may win next time.
  kLost,      ///< The connection is gone, nothing was applied: a fresh one may work.
  kUnknown,   ///< The connection is gone; the transaction may or may not have been applied.
};

/// One refusal by the server, or the end of the connection (an empty state).
struct ServerError {
  std::string state = {};  ///< SQLSTATE, five characters.
  std::string text = {};   ///< For people; never has a password.
  bool ended_connection = false;
};

struct Verdict {
  base::Error error;
  Failure failure;
};

/// `target` names the server and database. Transactions that lost (40001, 40P01), bounds of the
/// server, timeouts, a server that starts, stops or only reads: kUnavailable. An outcome that is
/// open: kUnknownOutcome. Damaged data: kCorrupt. A text that cannot be stored: kInvalid. A value
/// or statement that is too large: kTooLarge. Wrong keys, no such database, no permission:
/// kInvalid. Anything else is kInternal.
Verdict judge(const ServerError& failure, Phase phase, const std::string& target);

/// The SQLSTATE in the message of a connection attempt with verbose errors, where the library
/// offers no other way to it; empty if the server was not reached.
std::string state_in_message(std::string_view message);

}  // namespace streamhouse::metadata::postgres
