#include "metadata/postgres/postgres_url.h"

#include <libpq-fe.h>

namespace streamhouse::metadata {
namespace {

constexpr std::string_view kCockroach = "cockroach://";

}  // namespace

bool is_postgres_url(std::string_view url) {
  return url.starts_with("postgres://") || url.starts_with("postgresql://");
}

bool is_cockroach_url(std::string_view url) { return url.starts_with(kCockroach); }

std::string library_url(const std::string& url) {
  return is_cockroach_url(url) ? "postgres://" + url.substr(kCockroach.size()) : url;
}

base::Status check_postgres_url(const std::string& url) {
  char* fault = nullptr;
  PQconninfoOption* const parsed = PQconninfoParse(library_url(url).c_str(), &fault);
  PQfreemem(fault);  // repeats the URL
  const bool is_good = parsed != nullptr;
  PQconninfoFree(parsed);
  if (is_good) return {};
  return {base::Errc::kInvalid,
          "expected postgres:// or cockroach://USER:PASSWORD@HOST:PORT/DATABASE, with special"
          " characters as %XX and parameters that libpq knows"};
}

}  // namespace streamhouse::metadata
