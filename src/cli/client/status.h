#pragma once
/// \file  gRPC's way of failing in the project's vocabulary. What an agent's handler answered
/// carries its code in a trailer and is definite; anything else came from the transport, and then
/// nothing is known about what the call did.

#include <grpcpp/client_context.h>
#include <grpcpp/support/status.h>

#include <string>

#include "base/error.h"

namespace streamhouse::cli {

/// Whether an agent said so itself.
enum class Answered : bool { kNo, kYes };

struct Failure {
  base::Error error;
  Answered answered = Answered::kNo;
};

/// Requires: status is not OK and the call on `context` has finished.
/// Without the trailer streamhouse-error: kUnknownOutcome; kUnsupported for a call that the agent
/// does not know and kTooLarge for gRPC's own limit, which are refused before any handler runs.
Failure failure_of(const grpc::Status& status, const grpc::ClientContext& context,
                   const std::string& address);

/// The transport's failure when a wait has run out.
Failure no_answer_from(const std::string& address);

/// The code that errc_name() calls `name`; kInternal if there is none.
base::Errc errc_named(std::string_view name);

}  // namespace streamhouse::cli
