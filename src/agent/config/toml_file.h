#pragma once
/// \file  The configuration file: TOML, one key an option.

#include <string>
#include <vector>

#include "base/error.h"

namespace streamhouse::agent {

struct FileSetting {
  std::string key;
  std::string value;  ///< As it would be written in a flag.
};

/// In the order of their keys. Errors: kInvalid naming the file, and the line or key.
base::Result<std::vector<FileSetting>> read_toml_file(const std::string& path);

}  // namespace streamhouse::agent
