#pragma once
/// \file  The headers in front of messages, on both sides of a connection.
/// Format: docs/formats/kafka_wire.md
///
/// A frame here is what lies behind the four bytes of its length.

#include "base/error.h"
#include "wire/api.h"
#include "wire/codec/frame.h"

namespace streamhouse::wire {

struct RequestHeader {
  std::int16_t api_key = 0;
  Version version = 0;
  std::int32_t correlation_id = 0;  ///< The response repeats it.
  NullableString client_id = {};
};

/// A request whose header has been read.
struct RequestFrame {
  RequestHeader header;
  const Api* api;
  base::BytesView body;
  /// A version that cannot be read is answered all the same: to ApiVersions as version 0 with
  /// UNSUPPORTED_VERSION, to others by closing the connection.
  bool is_known_version() const { return api->versions.contains(header.version); }
};

/// Errors: kUnsupported for an unknown API, of whose header no more than the key can be trusted;
/// kInvalid for a malformed one. The connection can only be closed after either.
base::Result<RequestFrame> open_request(base::BytesView frame);

struct ResponseFrame {
  std::int32_t correlation_id;
  base::BytesView body;
};

/// Errors: kInvalid.
base::Result<ResponseFrame> open_response(base::BytesView frame, ApiKey key, Version version);

/// Requires: a key that has a description.
void write_request_header(FrameSink& sink, const RequestHeader& header);
void write_response_header(FrameSink& sink, ApiKey key, Version version,
                           std::int32_t correlation_id);

}  // namespace streamhouse::wire
