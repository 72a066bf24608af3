#pragma once
/// \file  find_timestamp: the first record of a run of batches that is new enough. Pure.

#include <vector>

#include "base/bytes.h"
#include "base/error.h"
#include "model/ids.h"

namespace streamhouse::fetch {

struct TimestampHit {
  bool found = false;
  model::Offset offset;         ///< Of the record; if none was found, one past the last batch.
  std::int64_t timestamp = -1;  ///< Of the record.
};

/// Looks for the first record at or above `from` with a timestamp >= `timestamp` (ms).
/// Requires: `batches` are whole and not empty. Errors: kCorrupt, kInvalid if a batch does not
/// decode.
base::Result<TimestampHit> find_timestamp(const std::vector<base::Bytes>& batches,
                                          model::Offset from, std::int64_t timestamp);

}  // namespace streamhouse::fetch
