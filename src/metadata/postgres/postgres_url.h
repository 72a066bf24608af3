#pragma once
/// \file  URLs of PostgreSQL databases:
/// `postgres://user:password@host:port/database?parameter=...`.

#include <string>
#include <string_view>

#include "base/error.h"

namespace streamhouse::metadata {

/// Whether the URL's scheme is one of PostgreSQL's.
bool is_postgres_url(std::string_view url);
/// Errors: kInvalid, without anything of the URL in the text, since passwords stand there.
base::Status check_postgres_url(const std::string& url);

}  // namespace streamhouse::metadata
