// Goal: any bytes taken as a producer snapshot are refused, or are a snapshot that keeps the rules
// of one and survives being written and read again.
// Method: libFuzzer; with and without a right checksum.
#include "base/check.h"
#include "packed_input.h"
#include "segment/producer_state.h"

namespace streamhouse::segment {
namespace {

void check_snapshot(base::BytesView bytes) {
  const auto snapshot = decode_producer_snapshot(bytes);
  if (!snapshot) return;
  const ProducerEntry* previous = nullptr;
  for (const ProducerEntry& entry : *snapshot) {
    SH_CHECK(producer_fault(previous, entry).empty(), "only valid entries are decoded");
    previous = &entry;
  }
  const auto again = decode_producer_snapshot(encode_producer_snapshot(*snapshot));
  SH_CHECK(again && *again == *snapshot, "reads back the same");
}

}  // namespace
}  // namespace streamhouse::segment

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  streamhouse::segment::with_and_without_checksum({data, size},
                                                  streamhouse::segment::check_snapshot);
  return 0;
}
