#pragma once
/// \file  Errors as gRPC clients see them: a status code, a sentence, and trailers
/// (docs/errors.md).

#include <grpcpp/server_context.h>
#include <grpcpp/support/status.h>

#include <string_view>

#include "base/error.h"

namespace streamhouse::rpc {

/// What the trailer `streamhouse-error` says and the status code beside it.
struct PublicError {
  grpc::StatusCode status;
  std::string_view code;
};
PublicError public_error(base::Errc code);

/// The status that ends a call; for an error the trailers are added to `context`.
/// Requires: the call has not ended.
grpc::Status to_status(const base::Status& outcome, grpc::ServerContextBase& context);

}  // namespace streamhouse::rpc
