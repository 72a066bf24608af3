// Goal: any bytes taken as a seal marker are refused, or are one that survives being written and
// read again.
// Method: libFuzzer; with and without a right checksum.
#include "base/check.h"
#include "packed_input.h"
#include "segment/seal_marker.h"

namespace streamhouse::segment {
namespace {

void check_marker(base::BytesView bytes) {
  const auto marker = decode_seal_marker("fuzzed", bytes);
  if (!marker) return;
  const auto again = decode_seal_marker("fuzzed", encode_seal_marker(*marker));
  SH_CHECK(again && *again == *marker, "reads back the same");
}

}  // namespace
}  // namespace streamhouse::segment

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  streamhouse::segment::with_and_without_checksum({data, size}, streamhouse::segment::check_marker);
  return 0;
}
