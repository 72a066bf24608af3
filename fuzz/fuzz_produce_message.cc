// Goal: no bytes that a client sends as a produce request make the decoder crash, read outside, or
// build a batch that the rest of the system would refuse.
// Method: what decodes is a valid batch whose records read back, as many as it says.
#include <cstddef>
#include <cstdint>

#include "base/check.h"
#include "model/record.h"
#include "rpc/records/produce_message.h"

using namespace streamhouse;

namespace {

void check(const rpc::ProduceMessage& message) {
  const auto batch = model::validate_produced(*message.batch, {.batch_bytes_max = SIZE_MAX});
  SH_CHECK(batch.has_value(), "what was built is valid");
  SH_CHECK(batch->record_count() == message.record_count, "it counts its records");
  SH_CHECK(model::validate_records(*batch, SIZE_MAX).has_value(), "they read back");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr runtime::WallMs kNow = 1'800'000'000'000;
  const base::BytesView bytes(data, size);
  if (const auto one = rpc::decode_produce(bytes, kNow)) check(*one);
  if (const auto several = rpc::decode_produce_batch(bytes, kNow)) check(*several);
  if (const auto streamed = rpc::decode_stream_message(bytes)) {
    if (const auto several = rpc::decode_produce_batch(streamed->batch, kNow)) check(*several);
  }
  return 0;
}
