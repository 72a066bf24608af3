#pragma once
/// \file  Commands on the metadata store itself, in this process.

#include <string>

#include "base/error.h"

namespace streamhouse::cli {

/// Success if the URL is served and, of a file, there is one: nothing is made by looking. Errors:
/// kInvalid, kNotFound.
base::Status check_database(const std::string& url);

/// Takes away the mark of a loss (cluster::FreezeMark); false if there is none. Errors:
/// check_database(); kConflict naming the agent that has the database; those of the store.
base::Result<bool> unfreeze_directly(const std::string& database_url);

}  // namespace streamhouse::cli
