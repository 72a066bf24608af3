#pragma once
/// \file  The whole program, apart from the process around it.

#include <string>
#include <vector>

#include "cli/commands.h"

namespace streamhouse::cli {

/// `words` without the program's name; `server` is STREAMHOUSE_SERVER, empty = not set. Data go to
/// stdout, errors and progress to stderr.
Exit run_streamctl(const std::vector<std::string>& words, const std::string& server);

}  // namespace streamhouse::cli
