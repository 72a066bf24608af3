#pragma once
/// \file  ArchiveWriter: rows as the bytes of an archive.

#include "metadata/archive/archive_format.h"

namespace streamhouse::metadata {

/// Where an archive goes. Threading: that of the rows.
class ArchiveOutput {
 public:
  virtual ~ArchiveOutput() = default;
  /// Forgets what was written.
  virtual Status restart() = 0;
  virtual Status write(base::BytesView bytes) = 0;
};

/// Without an output it only sums up, so that a database can be compared with an archive.
class ArchiveWriter final : public RowSink {
 public:
  explicit ArchiveWriter(std::shared_ptr<ArchiveOutput> output) : output_(std::move(output)) {}

  Status begin() override;
  /// Errors: kTooLarge for a row beyond kFrameBodyMax; kCorrupt for one that does not follow the
  /// one before; the output's.
  Status take(ArchiveRow row) override;
  /// Writes the end. Requires: every row was taken.
  Result<ArchiveSummary> finish();

 private:
  Status write(base::BytesView bytes);

  std::shared_ptr<ArchiveOutput> output_;
  ArchiveSummary summary_;
  std::optional<ArchiveRow> newest_;
};

}  // namespace streamhouse::metadata
