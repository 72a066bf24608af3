#pragma once
/// \file  What is true of the metadata between any two operations, by the names of the design's
/// invariants and rules. Simulation and tests call these after their steps.

#include <string>
#include <vector>

#include "metadata/memory/memory_tables.h"

namespace streamhouse::metadata {

struct Violation {
  /// Invariant or rule: F1, L4, P3, ...; or what has no number: `topic-identity` (a topic's number,
  /// id or live name stands for one topic), `orphan` (what belongs to a topic or partition lives no
  /// longer than that, and no shorter), `change-feed` (its versions have no gap and never go back).
  std::string name;
  std::string detail;
};

/// What the store itself guarantees, whatever its callers do. Cost: one pass over everything.
std::vector<Violation> check_invariants(const MemoryTables& tables);

/// What never goes back between an earlier and a later state of one database.
std::vector<Violation> check_progress(const MemoryTables& before, const MemoryTables& after);

/// L3, which holds as long as leaders keep to the protocol: the spans and segments of a partition
/// do not overlap and tile [log start, high watermark); up to exactly the high watermark if it is
/// free. Cost: one pass over all spans.
std::vector<Violation> check_tiling(const MemoryTables& tables);

/// `name: detail`, one a line.
std::string to_string(const std::vector<Violation>& violations);

}  // namespace streamhouse::metadata
