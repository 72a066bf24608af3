#pragma once
/// \file  Calls to services whose messages are written by hand: those that gRPC itself provides.

#include <memory>
#include <string>

#include "tests/e2e/client/client.h"

namespace streamhouse::e2e {

struct RawAnswer {
  grpc::Status status;
  std::string message;  ///< As encoded.
};

/// `method` as `/package.Service/Method`; sends one encoded message, answers the first that comes.
RawAnswer raw_call(const std::shared_ptr<grpc::Channel>& channel, const std::string& method,
                   const std::string& message);

}  // namespace streamhouse::e2e
