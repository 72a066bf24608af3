// Goal: any bytes taken as an archive of metadata are refused, or are rows that can be written and
// read again.
// Method: libFuzzer; as a frame's body, with and without a right checksum, and as a whole archive.
#include "base/check.h"
#include "packed_input.h"
#include "tests/metadata/archive_bytes.h"

namespace streamhouse::metadata {
namespace {

void check_body(base::BytesView body) {
  const auto frame = decode_archive_frame("fuzzed", body);
  if (!frame || !std::holds_alternative<ArchiveRow>(*frame)) return;
  const base::ByteVector encoded = encode_archive_row(std::get<ArchiveRow>(*frame));
  const auto again =
      decode_archive_frame("fuzzed", base::BytesView(encoded).subspan(kFrameSizeBytes));
  SH_CHECK(again && encode_archive_row(std::get<ArchiveRow>(*again)) == encoded,
           "reads back the same");
}

}  // namespace
}  // namespace streamhouse::metadata

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using streamhouse::base::ByteVector;
  streamhouse::segment::with_and_without_checksum({data, size}, streamhouse::metadata::check_body);
  [[maybe_unused]] const auto rows =
      streamhouse::tests::read_archive(ByteVector(data, data + size));
  return 0;
}
