// Goal: any bytes taken as a checkpoint are refused, or are a table that keeps the rules of one and
// survives being written and read again.
// Method: libFuzzer; with and without a right checksum. Snapshots inside are decoded too, as
// readers of checkpoints do.
#include "base/check.h"
#include "packed_input.h"
#include "segment/checkpoint.h"
#include "segment/producer_state.h"

namespace streamhouse::segment {
namespace {

void check_checkpoint(base::BytesView bytes) {
  const auto table = decode_checkpoint(bytes);
  if (!table) return;
  const PartitionCheckpoint* previous = nullptr;
  for (const PartitionCheckpoint& entry : *table) {
    SH_CHECK(checkpoint_fault(previous, entry).empty(), "only valid entries are decoded");
    static_cast<void>(decode_producer_snapshot(entry.producers).has_value());
    previous = &entry;
  }
  const auto again = decode_checkpoint(encode_checkpoint(*table));
  SH_CHECK(again && *again == *table, "reads back the same");
}

}  // namespace
}  // namespace streamhouse::segment

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  streamhouse::segment::with_and_without_checksum({data, size},
                                                  streamhouse::segment::check_checkpoint);
  return 0;
}
