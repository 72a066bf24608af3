#pragma once
/// \file  A few rows as one object of the bucket: an archive in memory.

#include "metadata/archive/archive_format.h"

namespace streamhouse::metadata {

/// Requires: rows in the order of an archive, the cluster's first. The same rows give the same
/// bytes.
base::Bytes pack_rows(const std::vector<ArchiveRow>& rows);
/// `object` is the object's key, for errors. Errors: kCorrupt and kUnsupported.
Result<std::vector<ArchiveRow>> unpack_rows(const std::string& object, base::BytesView bytes);

}  // namespace streamhouse::metadata
