#include "segment/packed/packed_reader.h"

#include "base/check.h"
#include "base/crc32c.h"
#include "base/endian.h"
#include "base/varint.h"

namespace streamhouse::segment {

void seal_packed(base::ByteVector& packed) {
  SH_CHECK(packed.size() >= kPackedChecksumSize, "a packed value begins with its checksum");
  const auto content = base::BytesView(packed).subspan(kPackedChecksumSize);
  base::store_little(packed.data(), base::crc32c(content));
}

PackedReader::PackedReader(std::string_view what, base::BytesView packed)
    : what_(what), all_(packed), rest_(packed) {
  const auto stored = take(kPackedChecksumSize, "checksum");
  if (!ok()) return;
  if (base::load_little<std::uint32_t>(stored.data()) != base::crc32c(rest_))
    fail("checksum", "does not match the content");
}

void PackedReader::expect_version(std::uint64_t version) {
  const std::uint64_t found = varint("version");
  if (ok() && found != version)
    fail(base::Errc::kUnsupported, "version", std::to_string(found) + " is not known");
}

std::uint64_t PackedReader::long_varint(std::string_view field, std::uint64_t max) {
  if (!ok()) return 0;
  base::BytesView rest = rest_;
  const auto value = base::take_varint(rest);
  if (!value) {
    fail(field, "is cut short or longer than 64 bits");
  } else if (*value > max) {
    fail(field, "is out of range");
  }
  if (!ok()) return 0;
  rest_ = rest;
  return *value;
}

std::int64_t PackedReader::zigzag(std::string_view field) { return base::unzigzag(varint(field)); }

base::BytesView PackedReader::take(std::uint64_t size, std::string_view field) {
  if (!ok()) return {};
  if (size > rest_.size()) {
    fail(field, "is cut short");
    return {};
  }
  const auto taken = rest_.first(static_cast<std::size_t>(size));
  rest_ = rest_.subspan(static_cast<std::size_t>(size));
  return taken;
}

void PackedReader::expect_end() {
  if (ok() && !rest_.empty()) fail("end", "is followed by more bytes");
}

void PackedReader::fail(base::Errc code, std::string_view field, std::string_view why) {
  if (!ok()) return;
  error_.code = code;
  error_.text = std::string(what_) + ": " + std::string(field) + " at byte " +
                std::to_string(position()) + " of " + std::to_string(all_.size()) + " " +
                std::string(why);
  rest_ = {};
}

}  // namespace streamhouse::segment
