#pragma once
/// \file  ScratchDirectory: a new, empty directory of the real file system, removed with all it
/// holds at the end of a test.

#include <cstdlib>
#include <filesystem>
#include <string>
#include <system_error>

#include "base/check.h"

namespace streamhouse::tests {

class ScratchDirectory {
 public:
  ScratchDirectory() {
    std::string pattern = std::filesystem::temp_directory_path() / "streamhouse-XXXXXX";
    SH_CHECK(::mkdtemp(pattern.data()) != nullptr, "a scratch directory can be created");
    path_ = pattern;
  }
  ~ScratchDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  ScratchDirectory(const ScratchDirectory&) = delete;
  ScratchDirectory& operator=(const ScratchDirectory&) = delete;

  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace streamhouse::tests
