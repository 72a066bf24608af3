#pragma once
/// \file  The small files that credentials are in: tokens and profiles.

#include <string>

#include "base/error.h"

namespace streamhouse::net {

/// The content of a local file, without white space at its end. Blocks for a moment.
/// Errors: kNotFound, or kInvalid above 1 MiB, naming the file.
base::Result<std::string> read_small_file(const std::string& path);

}  // namespace streamhouse::net
