#pragma once
/// \file  What S3's answers mean: its errors in our words, its pages and ranges as values. Pure.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "net/aws/xml_text.h"
#include "net/http/http_message.h"

namespace streamhouse::objectstore {

/// Why S3 refused: its own code and message, if the answer has them.
struct S3Refusal {
  int status = 0;
  std::string code = {};     ///< `NoSuchBucket`, `SlowDown`; empty without a body, as after HEAD.
  std::string message = {};  ///< At most 300 bytes, printable.
};
S3Refusal refusal_of(const net::ClientResponse& response);
/// Code and message that stand in an element.
S3Refusal refusal_in(const net::XmlElement& element);

/// What a refused call may have done.
enum class S3Effect : std::uint8_t { kRead, kWrite };

/// The refusal as an error of a store in use. All that an operator can set right meanwhile (keys, a
/// clock, a bucket) is kUnavailable; kThrottled where the server is overloaded; kUnknownOutcome
/// where a write failed inside the server. `what` names the call and the object.
base::Error error_in_use(const S3Refusal& refusal, S3Effect effect, const std::string& what);

/// What the server needs to be told right for, at the start.
struct S3Asked {
  std::string bucket;
  std::string region;
  std::string endpoint;       ///< `http://127.0.0.1:8000`
  std::string access_key_id;  ///< No secret.
  std::string here;           ///< The time on this machine, as the request said.
};
/// The refusal of the first request. kInvalid, naming what is wrong: the bucket, the region, the
/// access key, the secret, the clock, a right. Else as error_in_use.
base::Error error_at_start(const S3Refusal& refusal, const S3Asked& asked,
                           const net::ClientResponse& response, const std::string& what);

/// `bytes 0-9/100`
struct ContentRange {
  std::uint64_t first = 0;
  std::uint64_t last = 0;  ///< Inclusive.
  std::uint64_t size = 0;  ///< Of the whole object.
};
std::optional<ContentRange> parse_content_range(std::string_view value);
/// Decimal digits; nullopt for everything else and for what does not fit.
std::optional<std::uint64_t> parse_count(std::string_view text);

struct S3Listed {
  std::string key;  ///< Whole, with the prefix.
  std::uint64_t size = 0;
  std::int64_t modified_ms = 0;  ///< 0 if the server does not say, or not in a known form.
};
struct S3ListPage {
  std::vector<S3Listed> objects;
  bool truncated = false;
};
/// The answer to ListObjectsV2 with `encoding-type=url`. Errors: kUnavailable, if it is none.
base::Result<S3ListPage> parse_list_page(const net::ClientResponse& response);

}  // namespace streamhouse::objectstore
