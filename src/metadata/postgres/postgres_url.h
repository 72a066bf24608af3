#pragma once
/// \file  URLs of databases that speak PostgreSQL's protocol:
/// `postgres://user:password@host:port/database?parameter=...`, and the same with `cockroach://`.

#include <string>
#include <string_view>

#include "base/error.h"

namespace streamhouse::metadata {

/// Whether the URL's scheme is one of PostgreSQL's.
bool is_postgres_url(std::string_view url);
/// Whether it is CockroachDB's.
bool is_cockroach_url(std::string_view url);
/// The URL as the library reads it, whose scheme is PostgreSQL's for every server.
std::string library_url(const std::string& url);
/// For URLs of any of these schemes. Errors: kInvalid, without anything of the URL in the text,
/// since passwords stand there.
base::Status check_postgres_url(const std::string& url);

}  // namespace streamhouse::metadata
