#pragma once
/// \file  SimFileSystem: how one simulated process uses a SimDisk, and dies between any two calls.

#include <functional>

#include "objectstore/simulation/sim_disk.h"

namespace streamhouse::objectstore {

/// Calls are counted from 1 as steps. A dead process's calls do nothing and answer kStopped; its
/// locks are free. Destroying the SimFileSystem ends the process.
/// Lifetime: the disk outlives it and all that it opened.
class SimFileSystem final : public FileSystem {
 public:
  explicit SimFileSystem(SimDisk& disk);
  ~SimFileSystem() override;

  Result<std::unique_ptr<Directory>> open_root(const std::string& path) override;

  /// The process dies in step `step`: the call does nothing, an append perhaps a part of its work.
  /// Then `on_crash` is called, from within that call.
  void crash_at(std::uint64_t step, std::function<void()> on_crash = nullptr);
  /// Step `step` fails with the errno `error_number`.
  void fail_at(std::uint64_t step, int error_number);
  /// The process dies now.
  void kill();
  bool is_alive() const;
  std::uint64_t steps() const;

  struct Process;

 private:
  std::shared_ptr<Process> process_;
};

}  // namespace streamhouse::objectstore
