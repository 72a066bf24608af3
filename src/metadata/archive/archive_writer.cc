#include "metadata/archive/archive_writer.h"

#include "base/crc32c.h"

namespace streamhouse::metadata {

using base::Errc;
using base::make_error;

Status ArchiveWriter::begin() {
  summary_ = {};
  newest_.reset();
  if (output_) SH_TRY_OK(output_->restart());
  return write(archive_header());
}

Status ArchiveWriter::take(ArchiveRow row) {
  const std::string kind(archive_kind_name(row.index()));
  if (newest_ && !follows(*newest_, row))
    return make_error(Errc::kCorrupt, "the database has rows of " + kind + " out of order");
  const base::ByteVector frame = encode_archive_row(row);
  if (frame.size() > kFrameSizeBytes + kFrameBodyMax)
    return make_error(Errc::kTooLarge, "a row of " + kind + " is too large for an archive");
  ++summary_.counts[row.index()];
  newest_ = std::move(row);
  return write(frame);
}

Result<ArchiveSummary> ArchiveWriter::finish() {
  const ArchiveSummary summary = summary_;
  SH_TRY_OK(write(encode_archive_end(summary)));
  return summary;
}

Status ArchiveWriter::write(base::BytesView bytes) {
  summary_.crc = base::crc32c(bytes, summary_.crc);
  if (!output_) return {};
  return output_->write(bytes);
}

}  // namespace streamhouse::metadata
