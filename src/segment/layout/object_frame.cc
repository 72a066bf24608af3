#include "segment/layout/object_frame.h"

#include <algorithm>
#include <string>

#include "base/crc32c.h"
#include "base/endian.h"
#include "segment/object_key.h"

namespace streamhouse::segment {

using base::BytesView;
using base::Errc;
using base::Error;
using base::load_little;
using base::Result;
using base::Status;
using base::store_little;

namespace {

constexpr std::uint16_t kVersion = 1;
constexpr std::size_t kFrameSize = 64;
constexpr std::size_t kMagicSize = 8;
constexpr std::string_view kHeaderMagic = "SHOBJECT";
constexpr std::string_view kTrailerMagic = "SHOBJEND";
static_assert(kHeaderSize == kFrameSize && kTrailerSize == kFrameSize);

// Both frames: magic, CRC-32C of everything after the CRC, version, identity, own fields.
constexpr std::size_t kCrcAt = 8;
constexpr std::size_t kCoveredAt = 12;
constexpr std::size_t kVersionAt = 12;
constexpr std::size_t kLevelAt = 14;
constexpr std::size_t kSessionAt = 16;
constexpr std::size_t kSeqAt = 24;
constexpr std::size_t kClusterAt = 32;
constexpr std::size_t kKnownCommittedAt = 48;
constexpr std::size_t kPreviousAt = 56;
constexpr std::size_t kFooterPositionAt = 32;
constexpr std::size_t kIndexLengthAt = 40;
constexpr std::size_t kInputsLengthAt = 44;
constexpr std::size_t kTableLengthAt = 48;
constexpr std::size_t kFooterCrcAt = 52;
constexpr std::size_t kObjectCrcAt = 56;

using Frame = std::array<std::uint8_t, kFrameSize>;

Frame begin_frame(std::string_view magic, const ObjectIdentity& identity) {
  Frame frame{};
  std::ranges::copy(magic, frame.begin());
  store_little(frame.data() + kVersionAt, kVersion);
  frame[kLevelAt] = static_cast<std::uint8_t>(identity.level);
  store_little(frame.data() + kSessionAt, identity.session.value());
  store_little(frame.data() + kSeqAt, identity.seq.value());
  return frame;
}

Frame seal_frame(Frame frame) {
  store_little(frame.data() + kCrcAt, base::crc32c(BytesView(frame).subspan(kCoveredAt)));
  return frame;
}

/// What is wrong with a frame in itself, or empty.
std::string_view frame_fault(std::string_view magic, BytesView frame) {
  if (frame.size() != kFrameSize) return "is cut short";
  if (base::as_text(frame.first(kMagicSize)) != magic) return "does not begin with its magic";
  if (load_little<std::uint32_t>(frame.data() + kCrcAt) != base::crc32c(frame.subspan(kCoveredAt)))
    return "fails its checksum";
  return {};
}

Result<ObjectIdentity> read_identity(std::string_view object, std::string_view part,
                                     BytesView frame) {
  const auto version = load_little<std::uint16_t>(frame.data() + kVersionAt);
  if (version != kVersion)
    return Error{Errc::kUnsupported, "object " + std::string(object) + ": format version " +
                                         std::to_string(version) + " is not known"};
  if (frame[kLevelAt] > static_cast<std::uint8_t>(ObjectLevel::kCompacted))
    return Error{Errc::kUnsupported, "object " + std::string(object) + ": " + std::string(part) +
                                         " names level " + std::to_string(frame[kLevelAt])};
  return ObjectIdentity{
      .level = static_cast<ObjectLevel>(frame[kLevelAt]),
      .session = model::SessionId(load_little<std::uint64_t>(frame.data() + kSessionAt)),
      .seq = model::Seq(load_little<std::int64_t>(frame.data() + kSeqAt))};
}

/// A key of ours says which object it must be; others (in tools) say nothing.
bool matches_key(const ObjectIdentity& identity, std::string_view object) {
  const auto name = parse_key(object);
  if (!name) return true;
  if (const auto* flush = std::get_if<FlushKey>(&*name))
    return identity == ObjectIdentity{ObjectLevel::kFlushed, flush->session, flush->seq};
  if (const auto* segment = std::get_if<SegmentKey>(&*name))
    return identity ==
           ObjectIdentity{ObjectLevel::kCompacted, segment->compactor, model::Seq(segment->number)};
  return false;
}

bool fits(const ObjectTrailer& trailer, std::uint64_t object_size) {
  const auto footer = trailer.footer();
  return footer.position >= kHeaderSize && footer.position <= object_size &&
         footer.length + kTrailerSize == object_size - footer.position;
}

}  // namespace

Error object_corrupt(std::string_view object, std::string_view part, base::ByteRange where,
                     std::string_view why) {
  return {Errc::kCorrupt, "object " + std::string(object) + ": " + std::string(part) + " at " +
                              std::to_string(where.position) + "+" + std::to_string(where.length) +
                              " " + std::string(why)};
}

Frame encode_header(const ObjectHeader& header) {
  Frame frame = begin_frame(kHeaderMagic, header.identity);
  std::ranges::copy(header.cluster, frame.begin() + kClusterAt);
  store_little(frame.data() + kKnownCommittedAt, header.known_committed.value());
  store_little(frame.data() + kPreviousAt, header.previous.value());
  return seal_frame(frame);
}

Result<ObjectHeader> decode_header(std::string_view object, BytesView bytes) {
  const auto fault = frame_fault(kHeaderMagic, bytes);
  if (!fault.empty()) return object_corrupt(object, "header", {0, kHeaderSize}, fault);
  ObjectHeader header;
  SH_TRY(header.identity, read_identity(object, "header", bytes));
  if (!matches_key(header.identity, object))
    return object_corrupt(object, "header", {0, kHeaderSize}, "is that of another object");
  std::ranges::copy(bytes.subspan(kClusterAt, header.cluster.size()), header.cluster.begin());
  header.known_committed = model::Seq(load_little<std::int64_t>(bytes.data() + kKnownCommittedAt));
  header.previous = model::Seq(load_little<std::int64_t>(bytes.data() + kPreviousAt));
  return header;
}

Frame encode_trailer(const ObjectTrailer& trailer) {
  Frame frame = begin_frame(kTrailerMagic, trailer.identity);
  store_little(frame.data() + kFooterPositionAt, trailer.footer_position);
  store_little(frame.data() + kIndexLengthAt, trailer.index_length);
  store_little(frame.data() + kInputsLengthAt, trailer.inputs_length);
  store_little(frame.data() + kTableLengthAt, trailer.table_length);
  store_little(frame.data() + kFooterCrcAt, trailer.footer_crc);
  store_little(frame.data() + kObjectCrcAt, trailer.object_crc);
  return seal_frame(frame);
}

Result<ObjectTrailer> decode_trailer(std::string_view object, std::uint64_t object_size,
                                     BytesView bytes) {
  const base::ByteRange where{object_size - std::min<std::uint64_t>(object_size, kTrailerSize),
                              kTrailerSize};
  const auto fault = frame_fault(kTrailerMagic, bytes);
  if (!fault.empty()) return object_corrupt(object, "trailer", where, fault);
  ObjectTrailer trailer;
  SH_TRY(trailer.identity, read_identity(object, "trailer", bytes));
  if (!matches_key(trailer.identity, object))
    return object_corrupt(object, "trailer", where, "is that of another object");
  trailer.footer_position = load_little<std::uint64_t>(bytes.data() + kFooterPositionAt);
  trailer.index_length = load_little<std::uint32_t>(bytes.data() + kIndexLengthAt);
  trailer.inputs_length = load_little<std::uint32_t>(bytes.data() + kInputsLengthAt);
  trailer.table_length = load_little<std::uint32_t>(bytes.data() + kTableLengthAt);
  trailer.footer_crc = load_little<std::uint32_t>(bytes.data() + kFooterCrcAt);
  trailer.object_crc = load_little<std::uint32_t>(bytes.data() + kObjectCrcAt);
  if (!fits(trailer, object_size))
    return object_corrupt(object, "trailer", where, "names a footer that does not fit the object");
  return trailer;
}

}  // namespace streamhouse::segment
