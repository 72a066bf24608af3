#pragma once
/// \file  What keeps a rebuild from being whole, and what it leaves out on purpose.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/ids.h"

namespace streamhouse::upkeep {

enum class RebuildFault : std::uint8_t {
  kDamagedObject,        ///< Cannot be read: what it held is not known.
  kMissingObject,        ///< A later object of the session names it, or knows it committed.
  kCommittedBehindSeal,  ///< A commit where the session's log had ended: records were lost before.
  kHole,                 ///< Offsets that no object holds, between others or below a position.
  kOverlap,              ///< Offsets that two objects hold.
  kNoTopic,              ///< Records of a topic that the catalogue does not have.
  kNoPartition,          ///< Records of a partition that the catalogue does not know yet.
};
std::string_view fault_name(RebuildFault fault);

/// One thing that is not as it must be. What does not apply stays empty.
struct RebuildFinding {
  RebuildFault fault = RebuildFault::kDamagedObject;
  std::string object = {};  ///< Its key.
  std::optional<model::TopicPartition> partition = {};
  std::optional<model::OffsetRange> offsets = {};
  std::string detail = {};
  friend bool operator==(const RebuildFinding&, const RebuildFinding&) = default;
};
using RebuildFindings = std::vector<RebuildFinding>;

/// Nothing is lost by it.
struct LeftOut {
  std::string object = {};  ///< Its key; empty for what is no object.
  std::string reason = {};
  friend bool operator==(const LeftOut&, const LeftOut&) = default;
};

}  // namespace streamhouse::upkeep
