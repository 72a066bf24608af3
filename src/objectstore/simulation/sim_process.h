#pragma once
/// \file  SimFileSystem::Process: what the open files and directories of one simulated process
/// share.

#include <map>
#include <string>
#include <string_view>

#include "objectstore/simulation/sim_file_system.h"

namespace streamhouse::objectstore {

struct SimFileSystem::Process {
  explicit Process(SimDisk& own_disk) : disk(own_disk), generation(own_disk.generation()) {}

  bool is_alive() const { return !killed && generation == disk.generation(); }
  /// Begins a step: the error that the call must return, or nothing. If the call fails or the
  /// process dies in it, `half_done` does what is nevertheless done; before on_crash, which may
  /// take the disk's power.
  Status begin(std::string_view operation, const std::string& path,
               const std::function<void()>& half_done = nullptr);

  SimDisk& disk;
  const std::uint64_t generation;
  bool killed = false;
  std::uint64_t steps = 0;
  std::uint64_t crash_step = 0;  ///< 0 = none.
  std::function<void()> on_crash;
  std::map<std::uint64_t, int> failures;  ///< errno by step.
};

}  // namespace streamhouse::objectstore
