// Goal: any bytes taken as varints are either refused, leaving the input as it was, or a value that
// encodes to at most as many bytes and is read back the same.
// Method: libFuzzer; each reader runs to the end of the input.
#include <cstddef>
#include <cstdint>

#include "base/check.h"
#include "base/varint.h"

namespace streamhouse::base {
namespace {

void check_unsigned(BytesView in) {
  while (!in.empty()) {
    const BytesView before = in;
    const auto value = take_varint(in);
    if (!value) {
      SH_CHECK(in.data() == before.data() && in.size() == before.size(), "refused: unchanged");
      return;
    }
    ByteVector out;
    append_varint(out, *value);
    SH_CHECK(out.size() <= before.size() - in.size(), "no shorter form was read");
    BytesView again(out);
    SH_CHECK(take_varint(again) == value && again.empty(), "reads back the same");
  }
}

void check_signed(BytesView in) {
  while (!in.empty()) {
    BytesView wide = in;
    const auto value = take_zigzag32(in);
    if (!value) return;
    const auto same = take_zigzag(wide);
    SH_CHECK(same && *same == *value && wide.size() == in.size(), "both readers agree");
  }
}

}  // namespace
}  // namespace streamhouse::base

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const streamhouse::base::BytesView input(data, size);
  streamhouse::base::check_unsigned(input);
  streamhouse::base::check_signed(input);
  return 0;
}
