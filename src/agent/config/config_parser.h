#pragma once
/// \file  parse_config: flags beat environment beats file beats defaults. Whatever cannot be meant
/// is refused, naming where it stands.

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <variant>

#include "agent/config/config.h"

namespace streamhouse::agent {

struct ShowHelp {};
struct ShowVersion {};
using Invocation = std::variant<Config, ShowHelp, ShowVersion>;

/// The value of an environment variable, nullopt if it is not set.
using Environment = std::function<std::optional<std::string>(const std::string& name)>;

/// `arguments` without the program's name. Errors: kInvalid, naming flag, variable or key, and
/// value.
base::Result<Invocation> parse_config(std::span<const std::string> arguments,
                                      const Environment& environment);

/// Every option with its unit and default.
std::string help_text();

}  // namespace streamhouse::agent
