#pragma once
/// \file  Removing many objects by one request: S3's DeleteObjects. Pure.

#include <map>
#include <string>
#include <vector>

#include "net/http/http_message.h"
#include "objectstore/s3/s3_answer.h"
#include "objectstore/s3/s3_client.h"

namespace streamhouse::objectstore {

/// The request that removes `keys`, each below `prefix`. Requires: 1 to 1,000 of them.
S3Request removal_request(const std::string& prefix, const std::vector<ObjectKey>& keys);

/// The answer to a removal: why which keys (whole, with the prefix) are not known to be gone. All
/// others are. Errors: kUnknownOutcome, if it is no such answer.
base::Result<std::map<std::string, S3Refusal>> parse_removal(const net::ClientResponse& response);

/// Whether the server says that it cannot remove many by one request: nothing was removed then.
bool is_no_removal_of_many(const S3Refusal& refusal);

}  // namespace streamhouse::objectstore
