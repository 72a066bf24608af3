#include "upkeep/rebuild/rebuild_findings.h"

namespace streamhouse::upkeep {

std::string_view fault_name(RebuildFault fault) {
  switch (fault) {
    case RebuildFault::kDamagedObject:
      return "damaged_object";
    case RebuildFault::kMissingObject:
      return "missing_object";
    case RebuildFault::kCommittedBehindSeal:
      return "committed_behind_seal";
    case RebuildFault::kHole:
      return "hole";
    case RebuildFault::kOverlap:
      return "overlap";
    case RebuildFault::kNoTopic:
      return "no_topic";
    case RebuildFault::kNoPartition:
      return "no_partition";
  }
  return "";
}

}  // namespace streamhouse::upkeep
