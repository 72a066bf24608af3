#include "metadata/dynamodb/dynamodb_url.h"

#include <algorithm>

namespace streamhouse::metadata {
namespace {

constexpr std::string_view kScheme = "dynamodb://";
constexpr std::size_t kNameBytesMin = 3;
constexpr std::size_t kNameBytesMax = 255;

bool is_allowed(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '-' || c == '.';
}

}  // namespace

bool is_dynamodb_url(std::string_view url) { return url.starts_with(kScheme); }

base::Result<std::string> table_of_dynamodb_url(std::string_view url) {
  const std::string_view name = is_dynamodb_url(url) ? url.substr(kScheme.size()) : "";
  if (name.size() >= kNameBytesMin && name.size() <= kNameBytesMax &&
      std::ranges::all_of(name, is_allowed))
    return std::string(name);
  return {base::Errc::kInvalid,
          "expected dynamodb://TABLE, a name of 3 to 255 of a-z, A-Z, 0-9, '_', '-' and '.'"};
}

}  // namespace streamhouse::metadata
