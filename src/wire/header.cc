#include "wire/header.h"

#include "wire/codec/reader.h"

namespace streamhouse::wire {
namespace {

/// Request header 2 and response header 1 end with tagged fields, none of which we know.
void skip_tagged(FrameReader& reader) {
  for (std::uint32_t count = reader.varint(); count > 0 && reader.ok(); --count) {
    reader.varint();
    reader.bytes(reader.varint());
  }
}

/// In every header version with a two-byte length, flexible or not.
NullableString take_client_id(FrameReader& reader) {
  const auto length = reader.fixed<std::int16_t>();
  if (length == -1) return std::nullopt;
  if (length < 0) reader.fail("of negative length");
  return base::as_text(reader.bytes(static_cast<std::size_t>(length)));
}

/// ApiVersions is answered before its version is agreed upon, so its response never has the newer
/// header.
Flexible response_header(const Api& api, Version version) {
  return api.key == ApiKey::kApiVersions ? Flexible::kNo : api.is_flexible(version);
}

base::Error malformed(std::string_view what, const FrameReader& reader) {
  return base::make_error(base::Errc::kInvalid, std::string(what) + " header is " + reader.fault());
}

}  // namespace

base::Result<RequestFrame> open_request(base::BytesView frame) {
  FrameReader reader(frame);
  RequestHeader header{.api_key = reader.fixed<std::int16_t>(),
                       .version = reader.fixed<std::int16_t>(),
                       .correlation_id = reader.fixed<std::int32_t>()};
  if (!reader.ok()) return malformed("request", reader);
  const Api* api = find_api(header.api_key);
  if (api == nullptr)
    return base::make_error(base::Errc::kUnsupported,
                            "API key " + std::to_string(header.api_key) + " is not served");
  header.client_id = take_client_id(reader);
  if (api->is_flexible(header.version) == Flexible::kYes) skip_tagged(reader);
  if (!reader.ok()) return malformed(api->name, reader);
  return RequestFrame{.header = header, .api = api, .body = reader.rest()};
}

base::Result<ResponseFrame> open_response(base::BytesView frame, ApiKey key, Version version) {
  const Api& api = api_of(key);
  FrameReader reader(frame);
  const auto correlation_id = reader.fixed<std::int32_t>();
  if (response_header(api, version) == Flexible::kYes) skip_tagged(reader);
  if (!reader.ok()) return malformed(api.name, reader);
  return ResponseFrame{.correlation_id = correlation_id, .body = reader.rest()};
}

void write_request_header(FrameSink& sink, const RequestHeader& header) {
  sink.fixed(header.api_key);
  sink.fixed(header.version);
  sink.fixed(header.correlation_id);
  const String client_id = header.client_id.value_or("").substr(0, 32767);
  sink.fixed(header.client_id ? static_cast<std::int16_t>(client_id.size()) : std::int16_t{-1});
  sink.bytes(base::as_bytes(client_id));
  if (api_of(ApiKey{header.api_key}).is_flexible(header.version) == Flexible::kYes) sink.varint(0);
}

void write_response_header(FrameSink& sink, ApiKey key, Version version,
                           std::int32_t correlation_id) {
  sink.fixed(correlation_id);
  if (response_header(api_of(key), version) == Flexible::kYes) sink.varint(0);
}

}  // namespace streamhouse::wire
