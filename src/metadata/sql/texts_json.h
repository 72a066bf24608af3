#pragma once
/// \file  Maps of texts (topic configs, agent metadata) as JSON objects, as the SQL views show
/// them.

#include <map>
#include <string>
#include <string_view>

#include "base/error.h"

namespace streamhouse::metadata {

using Texts = std::map<std::string, std::string>;

/// Errors: kInvalid if a text is not UTF-8.
base::Result<std::string> to_json(const Texts& texts);
/// Errors: kCorrupt unless `json` is one object of texts.
base::Result<Texts> from_json(std::string_view json);

}  // namespace streamhouse::metadata
