#pragma once
/// \file  Where the stores are, for commands that open them themselves.

#include <string>

#include "base/error.h"

namespace streamhouse::cli {

/// In the forms that the agent takes.
struct StoreUrls {
  std::string database = "sqlite:./data/metadata.db";
  std::string objects = "file:./data/objects";
};
/// DATABASE_URL and OBJECT_STORE (or S3_BUCKET), where they are set and not empty. Errors: kInvalid
/// if these two contradict each other.
base::Result<StoreUrls> store_urls_of_environment();
/// The database alone.
std::string database_url_of_environment();

}  // namespace streamhouse::cli
