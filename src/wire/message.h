#pragma once
/// \file  Whole messages: the typed way in and out of the codec.

#include "wire/codec/decoder.h"
#include "wire/codec/encoder.h"
#include "wire/header.h"

namespace streamhouse::wire {

/// One of the two messages of an API.
struct MessageType {
  const Api* api;
  const Type* type;
  std::string name() const;  ///< `MetadataRequest`
};

/// Fills `message`, a default-constructed value of the type, with views into `body`.
/// Errors: kInvalid, naming message and field; kUnsupported for a version that the API does not
/// have; kTooLarge for DecodeOptions::memory_max. The message is then half filled.
base::Status decode_body(MessageType what, Version version, base::BytesView body, void* message,
                         DecodeOptions options = {});

/// Appends a value of the type. Errors: as encode_fields, and kUnsupported; the sink is then of no
/// more use.
base::Status encode_body(FrameSink& sink, MessageType what, Version version, const void* message);

/// The structs of messages/.
template <class M>
concept Message = Described<M> && requires {
  { M::kKey } -> std::convertible_to<ApiKey>;
};

template <Message M>
MessageType message_type() {
  return {.api = &api_of(M::kKey), .type = &TypeOf<M>::kType};
}

/// A message that borrows from `body`.
template <Message M>
base::Result<M> decode(base::BytesView body, Version version, DecodeOptions options = {}) {
  M message;
  SH_TRY_OK(decode_body(message_type<M>(), version, body, &message, options));
  return message;
}

/// The frame of a request; `header.api_key` is M's, whatever stands there.
template <Message M>
base::Result<Frame> encode_request(RequestHeader header, const M& message) {
  header.api_key = static_cast<std::int16_t>(M::kKey);
  FrameSink sink;
  write_request_header(sink, header);
  SH_TRY_OK(encode_body(sink, message_type<M>(), header.version, &message));
  return sink.take();
}

template <Message M>
base::Result<Frame> encode_response(std::int32_t correlation_id, Version version,
                                    const M& message) {
  FrameSink sink;
  write_response_header(sink, M::kKey, version, correlation_id);
  SH_TRY_OK(encode_body(sink, message_type<M>(), version, &message));
  return sink.take();
}

}  // namespace streamhouse::wire
