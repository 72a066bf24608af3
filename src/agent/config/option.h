#pragma once
/// \file  The one table of options: flag, environment variable and file key of a setting are the
/// same name in three spellings.

#include <span>
#include <string>
#include <string_view>

#include "agent/config/config.h"

namespace streamhouse::agent {

struct Option {
  std::string_view flag;  ///< Without the dashes.
  std::string_view form;  ///< Of its value, for --help: DURATION, SIZE, ...
  std::string_view help;
  std::string_view default_text;
  /// Errors: kInvalid, saying what was expected.
  base::Status (*set)(Config& config, std::string_view value);

  std::string environment_name() const;  ///< `FLUSH_INTERVAL`
  std::string file_key() const;          ///< `flush_interval`
};

std::span<const Option> options();
/// nullptr if there is none.
const Option* find_option(std::string_view flag);

}  // namespace streamhouse::agent
