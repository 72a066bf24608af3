#pragma once
/// \file  The bytes of an archive: docs/formats/metadata_archive.md.

#include <array>

#include "metadata/archive.h"

namespace streamhouse::metadata {

/// Rows of each kind, by their place in ArchiveRow.
using ArchiveCounts = std::array<std::uint64_t, kArchiveRowKinds>;

/// What an archive says of itself at its end.
struct ArchiveSummary {
  ArchiveCounts counts{};
  std::uint32_t crc = 0;  ///< CRC-32C of all bytes before the last frame.
  friend bool operator==(const ArchiveSummary&, const ArchiveSummary&) = default;
};

/// As commands and messages show it: `log_rows`.
std::string_view archive_kind_name(std::size_t kind);

constexpr std::size_t kArchiveHeaderSize = 12;
std::array<std::uint8_t, kArchiveHeaderSize> archive_header();
/// Errors: kCorrupt if it is none; kUnsupported for another version.
Status check_archive_header(base::BytesView header);

/// A frame is its body's size in four bytes, little-endian, and the body.
constexpr std::size_t kFrameSizeBytes = 4;
constexpr std::size_t kFrameBodyMax = std::size_t{256} << 20;

/// Frames, ready to be written.
base::ByteVector encode_archive_row(const ArchiveRow& row);
base::ByteVector encode_archive_end(const ArchiveSummary& summary);

/// A frame's body: a row, or the end. Errors: kCorrupt, with `where` in front.
using ArchiveFrame = std::variant<ArchiveRow, ArchiveSummary>;
Result<ArchiveFrame> decode_archive_frame(const std::string& where, base::BytesView body);

/// Whether `row` may follow `earlier`: by kind, then by key, none twice.
bool follows(const ArchiveRow& earlier, const ArchiveRow& row);

}  // namespace streamhouse::metadata
