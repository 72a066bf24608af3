// Goal: any bytes taken as the end of an object are refused, or are a footer whose spans and blocks
// tile the object and are found again; and any bytes at all are refused as a whole object or hold
// what they say.
// Method: libFuzzer; the input is a header length's worth of nothing, then as much body as the
// input says, then its bytes as index, inputs, span table and trailer. Checksums are tried as they
// are and made right from the inside out, so that the fuzzer reaches the fields.
#include <algorithm>

#include "base/check.h"
#include "base/crc32c.h"
#include "base/endian.h"
#include "segment/object_reader.h"
#include "segment/packed/packed_reader.h"

namespace streamhouse::segment {
namespace {

using base::BytesView;
using base::ByteVector;

constexpr std::string_view kObject = "fuzzed";

void check_footer(const ObjectFooter& footer) {
  std::uint64_t position = kHeaderSize;
  for (const Span& span : footer.spans()) {
    model::Offset next = span.offsets.base;
    for (const Block& block : footer.blocks_of(span)) {
      SH_CHECK(block.position == position && block.length > 0, "blocks tile the body");
      SH_CHECK(block.offsets.base == next && block.offsets.size() > 0, "blocks tile the offsets");
      SH_CHECK(footer.find_block(span.partition, block.offsets.base) == &block, "first is found");
      SH_CHECK(footer.find_block(span.partition, block.offsets.next - 1) == &block,
               "last is found");
      position += block.length;
      next = block.offsets.next;
    }
    SH_CHECK(next == span.offsets.next, "blocks reach the end of their span");
  }
  SH_CHECK(position == footer.trailer().footer_position, "spans fill the body");
}

/// The part at `position` with a right checksum in front.
void seal_part(ByteVector& bytes, std::size_t position, std::size_t length) {
  if (length < kPackedChecksumSize || position + length > bytes.size()) return;
  const auto begin = bytes.begin() + static_cast<std::ptrdiff_t>(position);
  ByteVector part(begin, begin + static_cast<std::ptrdiff_t>(length));
  seal_packed(part);
  std::ranges::copy(part, begin);
}

/// `bytes`: lengths of index and inputs (a byte each), length of the body (four bytes), the footer.
void check_built_footer(BytesView bytes) {
  if (bytes.size() < 6) return;
  const std::uint64_t body = base::load_little<std::uint32_t>(&bytes[2]);
  ByteVector footer = base::to_vector(bytes.subspan(6));
  const std::size_t index = std::min<std::size_t>(bytes[0], footer.size());
  const std::size_t inputs = std::min<std::size_t>(bytes[1], footer.size() - index);
  seal_part(footer, 0, index);
  seal_part(footer, index, inputs);
  seal_part(footer, index + inputs, footer.size() - index - inputs);
  const ObjectTrailer trailer{
      .footer_position = kHeaderSize + body,
      .index_length = static_cast<std::uint32_t>(index),
      .inputs_length = static_cast<std::uint32_t>(inputs),
      .table_length = static_cast<std::uint32_t>(footer.size() - index - inputs),
      .footer_crc = base::crc32c(footer)};
  const auto read = decode_trailer(kObject, kHeaderSize + body + footer.size() + kTrailerSize,
                                   encode_trailer(trailer));
  SH_CHECK(read && *read == trailer, "a trailer reads back the same");
  const auto decoded = ObjectFooter::decode(kObject, *read, footer);
  if (decoded) check_footer(*decoded);
}

void check_whole(BytesView bytes) {
  if (const auto verified = verify_object(kObject, bytes)) check_footer(verified->footer);
  if (bytes.size() < kTrailerSize) return;
  const auto trailer = decode_trailer(kObject, bytes.size(), bytes.last(kTrailerSize));
  if (!trailer || missing_footer(*trailer, bytes.size(), bytes)) return;
  const auto footer =
      ObjectFooter::decode(kObject, *trailer, footer_within(*trailer, bytes.size(), bytes));
  if (footer) check_footer(*footer);
}

}  // namespace
}  // namespace streamhouse::segment

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  streamhouse::segment::check_built_footer({data, size});
  streamhouse::segment::check_whole({data, size});
  return 0;
}
