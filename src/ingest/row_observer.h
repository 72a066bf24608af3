#pragma once
/// \file  RowObserver: is told of every row of the session's log whose fate is known, for metrics.

#include <cstdint>

#include "runtime/time.h"

namespace streamhouse::ingest {

enum class RowResult : std::uint8_t {
  kOk,
  kRetried,    ///< Written, but not by the first attempt.
  kDuplicate,  ///< An earlier attempt, whose answer was lost, had written it.
  kFenced,
};

struct RowReport {
  RowResult result = RowResult::kOk;
  runtime::Duration append{};  ///< From the first attempt to the answer that counted.
  // Of a commit that was written:
  runtime::Duration flush{};  ///< From closing the object to its commit.
  std::size_t object_bytes = 0;
  std::size_t spans = 0;  ///< 0 = a release, which has no object.
};

/// Threading: the core's executor.
class RowObserver {
 public:
  virtual ~RowObserver() = default;
  virtual void row_known(const RowReport& report) = 0;
};

}  // namespace streamhouse::ingest
