#pragma once
/// \file  SmallDisk: a file system of a few megabytes, in a mount namespace of its own, so that no
/// privilege is needed and nothing of it is left behind.

#include <cstdio>
#include <filesystem>
#include <string>
#include <vector>

#include "tests/scratch_directory.h"

namespace streamhouse::e2e {

/// Lifetime: outlives the processes that use it.
class SmallDisk {
 public:
  explicit SmallDisk(std::size_t mebibytes);
  ~SmallDisk();
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;

  /// Empty if the kernel grants namespaces with mounts; else why it does not.
  const std::string& refusal() const { return refusal_; }
  /// Runs a program where path() is the disk.
  std::vector<std::string> prefix() const;
  const std::filesystem::path& path() const { return scratch_.path(); }

  /// Leaves no byte free.
  void fill();
  /// Frees what fill() took.
  void free();

 private:
  std::filesystem::path filler() const;

  tests::ScratchDirectory scratch_;
  FILE* holder_ = nullptr;  ///< A process that keeps the namespace; it ends with this pipe.
  std::string pid_;
  std::string refusal_;
};

}  // namespace streamhouse::e2e
