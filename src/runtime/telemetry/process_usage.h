#pragma once
/// \file  What this process has used of its machine.

#include <cstdint>

namespace streamhouse::runtime {

struct ProcessUsage {
  double cpu_seconds = 0;  ///< User and system time since the start.
  std::uint64_t resident_bytes = 0;
};

ProcessUsage process_usage();

}  // namespace streamhouse::runtime
