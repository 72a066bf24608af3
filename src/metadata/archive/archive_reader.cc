#include "metadata/archive/archive_reader.h"

#include <algorithm>

#include "base/crc32c.h"
#include "base/endian.h"

namespace streamhouse::metadata {

using base::Errc;

namespace {

/// A size that a frame claims is believed only as far as bytes are there.
constexpr std::size_t kReadStep = std::size_t{1} << 20;

}  // namespace

base::Error ArchiveReader::damage(std::string_view why) const {
  return base::make_error(Errc::kCorrupt, "archive, before byte " + std::to_string(position_) +
                                              ": " + std::string(why));
}

Status ArchiveReader::begin() {
  SH_TRY_OK(input_.rewind());
  summary_ = {};
  position_ = 0;
  newest_.reset();
  ended_ = false;
  std::array<std::uint8_t, kArchiveHeaderSize> header{};
  SH_TRY_OK(read_exactly(header, "the header"));
  summary_.crc = base::crc32c(header);
  return check_archive_header(header);
}

Result<std::optional<ArchiveRow>> ArchiveReader::next() {
  if (ended_) return std::optional<ArchiveRow>();
  SH_TRY(const base::ByteVector frame, read_frame());
  const std::string where = "archive, frame before byte " + std::to_string(position_);
  SH_TRY(auto decoded,
         decode_archive_frame(where, base::BytesView(frame).subspan(kFrameSizeBytes)));
  if (const auto* const stored = std::get_if<ArchiveSummary>(&decoded)) {
    SH_TRY_OK(check_end(*stored));
    ended_ = true;
    return std::optional<ArchiveRow>();
  }
  auto& row = std::get<ArchiveRow>(decoded);
  SH_TRY_OK(check_order(row));
  summary_.crc = base::crc32c(frame, summary_.crc);
  ++summary_.counts[row.index()];
  newest_ = row;
  return std::optional<ArchiveRow>(std::move(row));
}

Status ArchiveReader::check_order(const ArchiveRow& row) const {
  if (!newest_ && row.index() != 0) return damage("the first row is not that of the cluster");
  if (newest_ && !follows(*newest_, row)) return damage("rows are not in order");
  return {};
}

Status ArchiveReader::check_end(const ArchiveSummary& stored) {
  if (stored.counts != summary_.counts) return damage("its end counts other rows");
  if (stored.crc != summary_.crc) return damage("its checksum does not match");
  if (!newest_) return damage("it has no row of the cluster");
  std::uint8_t more = 0;
  SH_TRY(const std::size_t read, input_.read({&more, 1}));
  if (read == 0) return {};
  return damage("its end is followed by more bytes");
}

Status ArchiveReader::read_exactly(base::MutableBytesView to, std::string_view what) {
  while (!to.empty()) {
    SH_TRY(const std::size_t read, input_.read(to));
    if (read == 0) return damage(std::string(what) + " is cut short");
    position_ += read;
    to = to.subspan(read);
  }
  return {};
}

/// The whole frame, its size in front.
Result<base::ByteVector> ArchiveReader::read_frame() {
  base::ByteVector frame(kFrameSizeBytes);
  SH_TRY_OK(read_exactly(frame, "a frame"));
  const std::size_t size = base::load_little<std::uint32_t>(frame.data());
  if (size > kFrameBodyMax) return damage("a frame is too large");
  while (frame.size() < kFrameSizeBytes + size) {
    const std::size_t at = frame.size();
    frame.resize(at + std::min(kReadStep, kFrameSizeBytes + size - at));
    SH_TRY_OK(read_exactly(base::MutableBytesView(frame).subspan(at), "a frame"));
  }
  return frame;
}

}  // namespace streamhouse::metadata
