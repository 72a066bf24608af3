#include "wire/message.h"

namespace streamhouse::wire {
namespace {

base::Status check_version(const MessageType& what, Version version) {
  if (what.api->versions.contains(version)) return {};
  return base::make_error(base::Errc::kUnsupported, what.name() + " has versions " +
                                                        to_string(what.api->versions) + ", not " +
                                                        std::to_string(version));
}

base::Status named(const MessageType& what, Version version, base::Status status) {
  if (status) return status;
  return base::make_error(status.error().code, what.name() + " v" + std::to_string(version) + ": " +
                                                   status.error().text);
}

}  // namespace

std::string MessageType::name() const {
  return std::string(api->name) + (type == api->request ? "Request" : "Response");
}

base::Status decode_body(MessageType what, Version version, base::BytesView body, void* message,
                         DecodeOptions options) {
  SH_TRY_OK(check_version(what, version));
  Decoder decoder(body, version, what.api->is_flexible(version), options);
  return named(what, version, decoder.decode(*what.type, message));
}

base::Status encode_body(FrameSink& sink, MessageType what, Version version, const void* message) {
  SH_TRY_OK(check_version(what, version));
  const Flexible flexible = what.api->is_flexible(version);
  return named(what, version, encode_fields(sink, *what.type, message, version, flexible));
}

}  // namespace streamhouse::wire
