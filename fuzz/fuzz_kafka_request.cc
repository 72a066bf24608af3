// Goal: any bytes taken as a request are refused, or are a message that reads back the same once it
// is written, within the memory that it may take.
// Method: libFuzzer over whole requests, header included, as a connection receives them.
#include "base/check.h"
#include "wire/codec/equal.h"
#include "wire/message.h"

namespace streamhouse::wire {
namespace {

constexpr std::size_t kMemoryMax = std::size_t{1} << 20;

void check_request(base::BytesView bytes) {
  const auto frame = open_request(bytes);
  if (!frame || !frame->is_known_version()) return;
  const MessageType what{.api = frame->api, .type = frame->api->request};
  const Version version = frame->header.version;
  const auto message = what.type->make();
  if (!decode_body(what, version, frame->body, message.get(), {.memory_max = kMemoryMax})) return;

  FrameSink sink;
  write_request_header(sink, frame->header);
  SH_CHECK(encode_body(sink, what, version, message.get()), "what was read can be written");
  const base::ByteVector written = sink.take().joined();
  const auto again = open_request(base::BytesView(written).subspan(kFrameLengthSize));
  SH_CHECK(again && again->header.correlation_id == frame->header.correlation_id &&
               again->header.client_id == frame->header.client_id,
           "the header reads back the same");
  const auto reread = what.type->make();
  SH_CHECK(decode_body(what, version, again->body, reread.get(), {.trailing = Trailing::kRefused}),
           "what was written can be read");
  SH_CHECK(equal_values(*what.type, message.get(), reread.get()), "reads back the same");
}

}  // namespace
}  // namespace streamhouse::wire

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  streamhouse::wire::check_request({data, size});
  return 0;
}
