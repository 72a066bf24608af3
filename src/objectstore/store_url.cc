#include "objectstore/store_url.h"

#include "objectstore/object_key.h"

namespace streamhouse::objectstore {

namespace {

base::Error invalid(std::string_view url, std::string_view reason) {
  return base::make_error(base::Errc::kInvalid,
                          "object store URL " + printable(url) + " " + std::string(reason));
}

}  // namespace

base::Result<std::string> directory_of_url(std::string_view url) {
  constexpr std::string_view kScheme = "file:";
  constexpr std::string_view kAuthority = "//";
  if (!url.starts_with(kScheme)) return invalid(url, "does not begin with file:");
  std::string_view path = url.substr(kScheme.size());
  if (path.starts_with(kAuthority)) {
    path.remove_prefix(kAuthority.size());
    if (!path.starts_with('/')) return invalid(url, "names a host; a directory is local");
  }
  if (path.empty()) return invalid(url, "has no path");
  if (path.find('\0') != std::string_view::npos) return invalid(url, "has a zero byte");
  return std::string(path);
}

}  // namespace streamhouse::objectstore
