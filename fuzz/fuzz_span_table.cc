// Goal: any bytes taken as a span table are refused, or are a table that keeps the rules of one and
// survives being written and read again.
// Method: libFuzzer; every input is tried as it is and, so that the fuzzer reaches the fields, with
// its checksum made right.
#include "base/check.h"
#include "packed_input.h"
#include "segment/span.h"

namespace streamhouse::segment {
namespace {

void check_span_table(base::BytesView bytes) {
  const auto table = decode_span_table(bytes);
  if (!table) return;
  const Span* previous = nullptr;
  for (const Span& span : *table) {
    SH_CHECK(span_fault(previous, span).empty(), "only valid spans are decoded");
    previous = &span;
  }
  const auto again = decode_span_table(encode_span_table(*table));
  SH_CHECK(again && *again == *table, "reads back the same");
}

}  // namespace
}  // namespace streamhouse::segment

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  streamhouse::segment::with_and_without_checksum({data, size},
                                                  streamhouse::segment::check_span_table);
  return 0;
}
