#include "segment/seal_marker.h"

#include <algorithm>

#include "base/crc32c.h"
#include "base/endian.h"

namespace streamhouse::segment {
namespace {

constexpr std::string_view kMagic = "SHS1";
constexpr std::size_t kSeqAt = 4;
constexpr std::size_t kCrcAt = 12;
constexpr std::size_t kSize = 16;

}  // namespace

base::ByteVector encode_seal_marker(model::Seq seal) {
  base::ByteVector bytes(kSize);
  std::ranges::copy(base::as_bytes(kMagic), bytes.begin());
  base::store_little(bytes.data() + kSeqAt, seal.value());
  base::store_little(bytes.data() + kCrcAt, base::crc32c(base::BytesView(bytes).first(kCrcAt)));
  return bytes;
}

base::Result<model::Seq> decode_seal_marker(base::BytesView bytes) {
  const bool sound =
      bytes.size() == kSize && base::as_text(bytes.first(kSeqAt)) == kMagic &&
      base::crc32c(bytes.first(kCrcAt)) == base::load_little<std::uint32_t>(bytes.data() + kCrcAt);
  if (!sound) return {base::Errc::kCorrupt, "not a seal marker of version 1"};
  return model::Seq(base::load_little<std::int64_t>(bytes.data() + kSeqAt));
}

}  // namespace streamhouse::segment
