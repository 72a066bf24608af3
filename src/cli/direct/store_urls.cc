#include "cli/direct/store_urls.h"

#include <cstdlib>

#include "objectstore/s3/s3_location.h"

namespace streamhouse::cli {
namespace {

/// Empty if it is not set.
std::string take(const char* variable) {
  const char* const value = std::getenv(variable);
  return value == nullptr ? "" : value;
}

}  // namespace

std::string database_url_of_environment() {
  std::string url = take("DATABASE_URL");
  return url.empty() ? StoreUrls().database : url;
}

base::Result<StoreUrls> store_urls_of_environment() {
  StoreUrls urls{.database = database_url_of_environment()};
  const std::string chosen = take("OBJECT_STORE");
  const std::string bucket = take("S3_BUCKET");
  if (!chosen.empty()) urls.objects = chosen;
  if (bucket.empty()) return urls;
  SH_TRY(const objectstore::S3Location location, objectstore::bucket_beside(chosen, bucket));
  urls.objects = location.url();
  return urls;
}

}  // namespace streamhouse::cli
