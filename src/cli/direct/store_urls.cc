#include "cli/direct/store_urls.h"

#include <cstdlib>

namespace streamhouse::cli {
namespace {

void take(std::string& url, const char* variable) {
  const char* const value = std::getenv(variable);
  if (value != nullptr && *value != '\0') url = value;
}

}  // namespace

StoreUrls store_urls_of_environment() {
  StoreUrls urls;
  take(urls.database, "DATABASE_URL");
  std::string bucket;
  take(bucket, "S3_BUCKET");
  if (!bucket.empty()) urls.objects = "s3://" + bucket;
  take(urls.objects, "OBJECT_STORE");
  return urls;
}

}  // namespace streamhouse::cli
