// Goal: any bytes taken as the batches of a span are refused, or are batches that follow each other
// from the span's first offset to its last, each with the CRC it names.
// Method: libFuzzer; the first twelve bytes choose the span, the rest are its batches.
#include "base/check.h"
#include "base/endian.h"
#include "model/record_batch.h"
#include "segment/object_reader.h"

namespace streamhouse::segment {
namespace {

void check_span(base::BytesView bytes) {
  if (bytes.size() < 12) return;
  Span span{.epoch = model::LeaderEpoch(bytes[2]),
            .offsets = {model::Offset(base::load_little<std::int16_t>(&bytes[0])), {}},
            .position = bytes[3],
            .length = static_cast<std::uint32_t>(bytes.size() - 12)};
  span.offsets.next = span.offsets.base + base::load_little<std::int32_t>(&bytes[4]);
  const base::BytesView run = bytes.subspan(12);
  if (!verify_span("fuzzed", span, run)) return;
  model::Offset next = span.offsets.base;
  model::BatchCursor cursor(run);
  for (auto batch = cursor.next(); *batch; batch = cursor.next()) {
    SH_CHECK((*batch)->base_offset() == next && (*batch)->crc_matches(), "batches follow");
    next = (*batch)->next_offset();
  }
  SH_CHECK(next == span.offsets.next, "to the end of the span");
}

}  // namespace
}  // namespace streamhouse::segment

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  streamhouse::segment::check_span({data, size});
  return 0;
}
