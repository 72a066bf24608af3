#include "segment/seal_marker.h"

#include <algorithm>

#include "base/check.h"
#include "base/varint.h"
#include "segment/object_key.h"
#include "segment/packed/packed_reader.h"

namespace streamhouse::segment {
namespace {

constexpr std::uint64_t kVersion = 1;

}  // namespace

base::ByteVector encode_seal_marker(const SealMarker& marker) {
  SH_CHECK(marker.seq.value() >= 0, "a seal has a row");
  base::ByteVector out(kPackedChecksumSize);
  base::append_varint(out, kVersion);
  out.insert(out.end(), marker.cluster.begin(), marker.cluster.end());
  base::append_varint(out, marker.session.value());
  base::append_varint(out, static_cast<std::uint64_t>(marker.seq.value()));
  seal_packed(out);
  return out;
}

base::Result<SealMarker> decode_seal_marker(std::string_view object, base::BytesView bytes) {
  const std::string name = "object " + std::string(object) + ": seal marker";
  PackedReader reader(name, bytes);
  reader.expect_version(kVersion);
  SealMarker marker;
  std::ranges::copy(reader.take(marker.cluster.size(), "cluster"), marker.cluster.begin());
  marker.session = model::SessionId(reader.varint("session"));
  marker.seq = model::Seq(reader.unsigned_as<std::int64_t>("seq"));
  reader.expect_end();
  const auto key = parse_key(object);
  if (key && *key != ObjectName(SealKey{marker.session}))
    reader.fail("session", "is that of another object");
  if (!reader.ok()) return reader.error();
  return marker;
}

}  // namespace streamhouse::segment
