#pragma once
/// \file  A command line run to its end.

#include <string>

namespace streamhouse::e2e {

struct Finished {
  int code = -1;       ///< The exit code; -1 if a signal ended it.
  std::string output;  ///< Standard output and standard error.
};

/// `line` as a shell reads it.
Finished run_command(const std::string& line);

}  // namespace streamhouse::e2e
