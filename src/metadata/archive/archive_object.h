#pragma once
/// \file  A few rows as one object of the bucket: an archive in memory.

#include <memory>

#include "metadata/archive/archive_writer.h"

namespace streamhouse::metadata {

/// Requires: rows in the order of an archive, the cluster's first. The same rows give the same
/// bytes.
base::Bytes pack_rows(const std::vector<ArchiveRow>& rows);

/// The same, one row at a time: only bytes are kept.
class RowPacker {
 public:
  RowPacker();
  ~RowPacker();

  /// Errors: kTooLarge and kCorrupt, as ArchiveWriter.
  Status add(ArchiveRow row);
  /// Requires: every row was added. At most once.
  Result<base::Bytes> finish();

 private:
  class Packed;
  std::shared_ptr<Packed> packed_;
  ArchiveWriter writer_;
};

/// `object` is the object's key, for errors. Errors: kCorrupt and kUnsupported.
Result<std::vector<ArchiveRow>> unpack_rows(const std::string& object, base::BytesView bytes);

}  // namespace streamhouse::metadata
