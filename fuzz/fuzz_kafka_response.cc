// Goal: any bytes taken as a response are refused, or are a message that reads back the same once
// it is written, within the memory that it may take. Method: libFuzzer; the first two bytes choose
// API and version, the rest is the response with its header, as a client receives it.
#include "base/check.h"
#include "wire/codec/equal.h"
#include "wire/message.h"

namespace streamhouse::wire {
namespace {

constexpr std::size_t kMemoryMax = std::size_t{1} << 20;

void check_response(const Api& api, Version version, base::BytesView bytes) {
  const auto frame = open_response(bytes, api.key, version);
  if (!frame) return;
  const MessageType what{.api = &api, .type = api.response};
  const auto message = what.type->make();
  if (!decode_body(what, version, frame->body, message.get(), {.memory_max = kMemoryMax})) return;

  FrameSink sink;
  write_response_header(sink, api.key, version, frame->correlation_id);
  SH_CHECK(encode_body(sink, what, version, message.get()), "what was read can be written");
  const base::ByteVector written = sink.take().joined();
  const auto again =
      open_response(base::BytesView(written).subspan(kFrameLengthSize), api.key, version);
  SH_CHECK(again && again->correlation_id == frame->correlation_id, "the header reads back");
  const auto reread = what.type->make();
  SH_CHECK(decode_body(what, version, again->body, reread.get(), {.trailing = Trailing::kRefused}),
           "what was written can be read");
  SH_CHECK(equal_values(*what.type, message.get(), reread.get()), "reads back the same");
}

}  // namespace
}  // namespace streamhouse::wire

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace streamhouse;
  if (size < 2) return 0;
  const wire::Api* api = wire::find_api(data[0]);
  if (api == nullptr || !api->versions.contains(data[1])) return 0;
  wire::check_response(*api, data[1], base::BytesView(data, size).subspan(2));
  return 0;
}
