#pragma once
/// \file  run_seed: one simulated run from its seed, from the first process to the last check.

#include <cstdint>
#include <string>
#include <vector>

#include "checker/violations.h"
#include "fault_log.h"
#include "scenario.h"

namespace streamhouse::sim {

struct SeedReport {
  std::uint64_t seed = 0;
  Kind kind = Kind::kRestarts;
  std::vector<Violation> violations;  ///< Empty: the run passed.
  FaultLog faults;
  std::uint64_t acked = 0;
  std::uint64_t read = 0;
  std::uint64_t commits = 0;
  std::uint64_t group_commits = 0;
  std::string trace;
  std::uint64_t digest = 0;  ///< Of the trace and the order of execution: equal for equal seeds.
};

/// Faults for a while, then none; then everything must finish (liveness) and be as promised.
SeedReport run_seed(std::uint64_t seed);

}  // namespace streamhouse::sim
