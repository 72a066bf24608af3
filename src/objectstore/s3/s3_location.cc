#include "objectstore/s3/s3_location.h"

#include <algorithm>

#include "objectstore/object_key.h"

namespace streamhouse::objectstore {

using base::Errc;
using base::Result;

namespace {

constexpr std::string_view kScheme = "s3://";
constexpr std::size_t kBucketBytesMin = 3;
constexpr std::size_t kBucketBytesMax = 63;
/// S3's keys have at most 1024 bytes; an ObjectKey may have 512 of them.
constexpr std::size_t kPrefixBytesMax = 500;

base::Error invalid(std::string_view url, std::string_view reason) {
  return base::make_error(Errc::kInvalid,
                          "object store URL " + printable(url) + " " + std::string(reason));
}

bool is_letter_or_digit(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }

bool is_bucket_name(std::string_view name) {
  const auto allowed = [](char c) { return is_letter_or_digit(c) || c == '-' || c == '.'; };
  return name.size() >= kBucketBytesMin && name.size() <= kBucketBytesMax &&
         std::ranges::all_of(name, allowed) && is_letter_or_digit(name.front()) &&
         is_letter_or_digit(name.back()) && !name.contains("..");
}

}  // namespace

std::string S3Location::url() const {
  std::string text(kScheme);
  text += bucket;
  if (!prefix.empty()) text += "/" + prefix.substr(0, prefix.size() - 1);
  return text;
}

Result<S3Location> parse_s3_url(std::string_view url) {
  if (!url.starts_with(kScheme)) return invalid(url, "does not begin with s3://");
  const std::string_view rest = url.substr(kScheme.size());
  const auto slash = std::min(rest.find('/'), rest.size());
  S3Location location{.bucket = std::string(rest.substr(0, slash))};
  if (!is_bucket_name(location.bucket))
    return invalid(url, "names no bucket: 3 to 63 of a-z, 0-9, '-' and '.'");
  std::string_view prefix = rest.substr(std::min(slash + 1, rest.size()));
  while (prefix.ends_with('/')) prefix.remove_suffix(1);
  if (prefix.empty()) return location;
  if (const auto key = check_key(prefix); !key) return invalid(url, "has a " + key.error().text);
  if (prefix.size() > kPrefixBytesMax) return invalid(url, "has a prefix of more than 500 bytes");
  location.prefix = std::string(prefix) + "/";
  return location;
}

Result<S3Location> bucket_beside(std::string_view url, const std::string& name) {
  const std::string source = "S3_BUCKET=" + name;
  auto alone = parse_s3_url("s3://" + name);
  if (!alone || !alone->prefix.empty())
    return {Errc::kInvalid, source + ": expected the name of a bucket"};
  if (url.empty()) return alone;
  auto chosen = parse_s3_url(url);
  if (chosen && chosen->bucket == name) return chosen;
  return {Errc::kInvalid, source + " contradicts the object store " + std::string(url)};
}

Result<S3Endpoint> locate_bucket(const std::string& bucket, const std::string& region,
                                 std::string_view endpoint, std::string_view style) {
  const bool is_auto = style.empty() || style == "auto";
  if (!is_auto && style != "path" && style != "virtual")
    return {Errc::kInvalid,
            "AWS_S3_ADDRESSING_STYLE=" + printable(style) + ": expected auto, path or virtual"};
  const bool is_virtual = is_auto ? endpoint.empty() && !bucket.contains('.') : style == "virtual";
  const S3Addressing addressing = is_virtual ? S3Addressing::kVirtualHost : S3Addressing::kPath;
  if (!endpoint.empty()) return locate_bucket(bucket, endpoint, addressing);
  return locate_bucket(bucket, "https://s3." + region + ".amazonaws.com", addressing);
}

Result<S3Endpoint> locate_bucket(const std::string& bucket, std::string_view endpoint,
                                 S3Addressing addressing) {
  const auto colon = endpoint.find("://");
  const std::string_view scheme = endpoint.substr(0, std::min(colon, endpoint.size()));
  std::string_view host = colon == std::string_view::npos ? "" : endpoint.substr(colon + 3);
  while (host.ends_with('/')) host.remove_suffix(1);
  if ((scheme != "http" && scheme != "https") || host.empty() ||
      host.find_first_of("/?#@ ") != std::string_view::npos)
    return {Errc::kInvalid,
            "endpoint " + printable(endpoint) + ": expected http://HOST:PORT or https://HOST"};
  const std::string_view own_port = scheme == "http" ? ":80" : ":443";
  if (host.ends_with(own_port)) host.remove_suffix(own_port.size());
  S3Endpoint located{.scheme = std::string(scheme), .host = std::string(host), .base_path = "/"};
  if (addressing == S3Addressing::kVirtualHost) {
    located.host = bucket + "." + located.host;
  } else {
    located.base_path += bucket + "/";
  }
  return located;
}

}  // namespace streamhouse::objectstore
