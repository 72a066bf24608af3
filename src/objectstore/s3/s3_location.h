#pragma once
/// \file  S3Location: the bucket and prefix of an `s3://` URL, and where on the network they are.

#include <string>
#include <string_view>

#include "base/error.h"

namespace streamhouse::objectstore {

struct S3Location {
  std::string bucket;
  std::string prefix = {};  ///< Empty, or ends with a slash.

  /// `s3://BUCKET/PREFIX`, as it is shown.
  std::string url() const;
};

/// `s3://BUCKET`, `s3://BUCKET/PREFIX`. Errors: kInvalid, naming the rule that the bucket's name
/// (3 to 63 of a-z, 0-9, `-`, `.`) or the prefix (the characters of an ObjectKey) breaks.
base::Result<S3Location> parse_s3_url(std::string_view url);

/// What a chosen URL (empty: none) and the name of a bucket in S3_BUCKET mean together: alone the
/// name is `s3://BUCKET`, beside a URL it says the same. Errors: kInvalid, naming what contradicts.
base::Result<S3Location> bucket_beside(std::string_view url, const std::string& name);

enum class S3Addressing : std::uint8_t { kPath, kVirtualHost };

/// The parts of a bucket's address on the network.
struct S3Endpoint {
  std::string scheme = "https";
  std::string host;       ///< With the port, if one is named; with the bucket, if virtual-host.
  std::string base_path;  ///< Before an object's key: `/bucket/` or `/`.
};

/// Where `bucket` is: on AWS in `region` if `endpoint` is empty, else on that URL. `style` is
/// `path`, `virtual`, or `auto` (also if empty): virtual hosts on AWS, unless the bucket's name has
/// a dot, which certificates do not cover; paths elsewhere. Errors: kInvalid for an endpoint that
/// is no `http://` or `https://` URL of a host, or another style.
base::Result<S3Endpoint> locate_bucket(const std::string& bucket, const std::string& region,
                                       std::string_view endpoint, std::string_view style = {});
/// The same with the given addressing.
base::Result<S3Endpoint> locate_bucket(const std::string& bucket, std::string_view endpoint,
                                       S3Addressing addressing);

}  // namespace streamhouse::objectstore
