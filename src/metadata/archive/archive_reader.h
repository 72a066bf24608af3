#pragma once
/// \file  ArchiveReader: the bytes of an archive as rows.

#include "metadata/archive/archive_format.h"

namespace streamhouse::metadata {

/// Where an archive comes from. Threading: one thread.
class ArchiveInput {
 public:
  virtual ~ArchiveInput() = default;
  /// Begins again at the first byte.
  virtual Status rewind() = 0;
  /// As many bytes as there are and fit; 0 at the end. Requires: room for one.
  virtual Result<std::size_t> read(base::MutableBytesView to) = 0;
};

/// Memory: one row. Lifetime: borrows the input.
class ArchiveReader {
 public:
  explicit ArchiveReader(ArchiveInput& input) : input_(input) {}

  /// Back to the first row.
  Status begin();
  /// The next row; nullopt at the end, where counts, checksum and the end of the input have been
  /// checked, and from then on. Errors: kCorrupt and kUnsupported, saying where; the input's.
  Result<std::optional<ArchiveRow>> next();
  /// Of the rows so far.
  const ArchiveSummary& summary() const { return summary_; }
  /// Bytes read so far.
  std::uint64_t position() const { return position_; }

 private:
  Status read_exactly(base::MutableBytesView to, std::string_view what);
  Result<base::ByteVector> read_frame();
  Status check_order(const ArchiveRow& row) const;
  Status check_end(const ArchiveSummary& stored);
  base::Error damage(std::string_view why) const;

  ArchiveInput& input_;
  ArchiveSummary summary_;
  std::uint64_t position_ = 0;
  std::optional<ArchiveRow> newest_;
  bool ended_ = false;
};

}  // namespace streamhouse::metadata
