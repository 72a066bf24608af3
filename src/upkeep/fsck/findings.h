#pragma once
/// \file  What fsck finds, and whom it tells.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "model/ids.h"
#include "runtime/task.h"

namespace streamhouse::upkeep {

/// One thing that is not as it must be. What does not apply stays empty.
struct Finding {
  std::string invariant = {};  ///< L3, R5, S1, ... as ARCHITECTURE.md names them.
  std::string object = {};     ///< Its key.
  std::optional<model::TopicPartition> partition = {};
  std::optional<model::Offset> offset = {};
  std::string detail = {};
  std::string topic = {};  ///< The partition's, while there is one of that number.
  friend bool operator==(const Finding&, const Finding&) = default;
};
using Findings = std::vector<Finding>;

/// Of what was read so far.
struct FsckCounts {
  std::int64_t objects = 0;
  std::int64_t records = 0;
  std::int64_t bytes = 0;
};

class FsckSink {
 public:
  virtual ~FsckSink() = default;
  /// The counts so far, and what was found since the last report. An error ends the run with it.
  virtual runtime::Task<base::Status> report(FsckCounts counts, Findings found) = 0;
};

}  // namespace streamhouse::upkeep
