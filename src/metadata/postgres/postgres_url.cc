#include "metadata/postgres/postgres_url.h"

#include <libpq-fe.h>

namespace streamhouse::metadata {

bool is_postgres_url(std::string_view url) {
  return url.starts_with("postgres://") || url.starts_with("postgresql://");
}

base::Status check_postgres_url(const std::string& url) {
  char* fault = nullptr;
  PQconninfoOption* const parsed = PQconninfoParse(url.c_str(), &fault);
  PQfreemem(fault);  // repeats the URL
  const bool is_good = parsed != nullptr;
  PQconninfoFree(parsed);
  if (is_good) return {};
  return {base::Errc::kInvalid,
          "expected postgres://USER:PASSWORD@HOST:PORT/DATABASE, with special characters as %XX and"
          " parameters that libpq knows"};
}

}  // namespace streamhouse::metadata
