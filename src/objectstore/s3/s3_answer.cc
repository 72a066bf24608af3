#include "objectstore/s3/s3_answer.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "net/aws/credentials/credential_document.h"
#include "net/aws/uri_text.h"

namespace streamhouse::objectstore {

using base::Errc;
using base::Error;
using base::make_error;

namespace {

constexpr std::size_t kMessageBytesMax = 300;

std::string tame(std::string text) {
  text.resize(std::min(text.size(), kMessageBytesMax));
  std::ranges::replace_if(text, [](char c) { return c < ' ' || c > '~'; }, '?');
  return text;
}

template <std::size_t kCount>
bool is_one_of(std::string_view code, const std::array<std::string_view, kCount>& codes) {
  return std::ranges::find(codes, code) != codes.end();
}

bool is_throttled(const S3Refusal& refusal) {
  constexpr std::array<std::string_view, 7> kCodes = {
      "SlowDown",           "SlowDownRead",        "SlowDownWrite",
      "ServiceUnavailable", "ThrottlingException", "RequestLimitExceeded",
      "TooManyRequests"};
  return refusal.status == 429 || is_one_of(refusal.code, kCodes);
}

/// As far as it is known: `503 SlowDown: Please reduce your request rate`.
std::string text_of(const S3Refusal& refusal) {
  std::string text = std::to_string(refusal.status);
  if (!refusal.code.empty()) text += " " + refusal.code;
  if (!refusal.message.empty()) text += ": " + refusal.message;
  return text;
}

/// What the operator has to set right; empty if it is nothing of that kind.
std::string mistake(const S3Refusal& refusal, const S3Asked& asked,
                    const net::ClientResponse& response) {
  const std::string& code = refusal.code;
  if (code == "NoSuchBucket")
    return "bucket " + asked.bucket + " does not exist at " + asked.endpoint;
  if (code == "InvalidAccessKeyId")
    return "access key " + asked.access_key_id + " is not known at " + asked.endpoint;
  if (code == "SignatureDoesNotMatch")
    return "the secret key does not belong to access key " + asked.access_key_id;
  if (code == "RequestTimeTooSkewed")
    return "this machine's clock is wrong: it says " + asked.here + ", the server " +
           std::string(response.header("date"));
  if (code == "ExpiredToken" || code == "InvalidToken" || code == "TokenRefreshRequired")
    return "the session token of access key " + asked.access_key_id + " is not valid (any more)";
  if (code == "AuthorizationHeaderMalformed" || code == "PermanentRedirect" ||
      code == "IllegalLocationConstraintException" || refusal.status == 301) {
    const std::string_view right = response.header("x-amz-bucket-region");
    return "region " + asked.region + " is wrong for bucket " + asked.bucket +
           (right.empty() ? "" : "; it is in " + std::string(right));
  }
  if (code == "AccessDenied" || code == "AllAccessDisabled" || refusal.status == 403)
    return "access key " + asked.access_key_id + " may not do this in bucket " + asked.bucket;
  return {};
}

}  // namespace

S3Refusal refusal_of(const net::ClientResponse& response) {
  S3Refusal refusal{.status = response.status};
  if (response.body.empty()) return refusal;
  const auto root = net::XmlElement::parse(base::as_text(response.body));
  if (root && root->name() == "Error") refusal = refusal_in(*root);
  refusal.status = response.status;
  return refusal;
}

S3Refusal refusal_in(const net::XmlElement& element) {
  return {.code = tame(element.text_of("Code")), .message = tame(element.text_of("Message"))};
}

Error error_in_use(const S3Refusal& refusal, S3Effect effect, const std::string& what) {
  const std::string text = what + ": " + text_of(refusal);
  if (is_throttled(refusal)) return make_error(Errc::kThrottled, text);
  if (refusal.status == 503 && effect == S3Effect::kRead) return make_error(Errc::kThrottled, text);
  const bool inside = refusal.status >= 500 || refusal.code == "RequestTimeout";
  if (inside && effect == S3Effect::kWrite) return make_error(Errc::kUnknownOutcome, text);
  return make_error(Errc::kUnavailable, text);
}

Error error_at_start(const S3Refusal& refusal, const S3Asked& asked,
                     const net::ClientResponse& response, const std::string& what) {
  const std::string wrong = mistake(refusal, asked, response);
  if (wrong.empty()) return error_in_use(refusal, S3Effect::kRead, what);
  return make_error(Errc::kInvalid, wrong + " (" + what + ": " + text_of(refusal) + ")");
}

std::optional<std::uint64_t> parse_count(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || failure != std::errc() || end != text.data() + text.size())
    return std::nullopt;
  return value;
}

std::optional<ContentRange> parse_content_range(std::string_view value) {
  constexpr std::string_view kUnit = "bytes ";
  if (!value.starts_with(kUnit)) return std::nullopt;
  value.remove_prefix(kUnit.size());
  const auto dash = value.find('-');
  const auto slash = value.find('/');
  if (dash == std::string_view::npos || slash == std::string_view::npos || dash > slash)
    return std::nullopt;
  const auto first = parse_count(value.substr(0, dash));
  const auto last = parse_count(value.substr(dash + 1, slash - dash - 1));
  const auto size = parse_count(value.substr(slash + 1));
  if (!first || !last || !size || *first > *last || *last >= *size) return std::nullopt;
  return ContentRange{.first = *first, .last = *last, .size = *size};
}

base::Result<S3ListPage> parse_list_page(const net::ClientResponse& response) {
  const auto malformed = [](const std::string& reason) {
    return make_error(Errc::kUnavailable, "the answer to a list is no page: " + reason);
  };
  const auto root = net::XmlElement::parse(base::as_text(response.body));
  if (!root) return malformed(root.error().text);
  if (root->name() != "ListBucketResult") return malformed("it is a " + tame(root->name()));
  S3ListPage page;
  page.truncated = root->text_of("IsTruncated") == "true";
  const bool encoded = root->text_of("EncodingType") == "url";
  for (const auto& entry : root->children("Contents")) {
    std::string key = entry.text_of("Key");
    const auto size = parse_count(entry.text_of("Size"));
    if (key.empty() || !size) return malformed("an object without key or size");
    const auto modified = net::parse_iso_time(entry.text_of("LastModified"));
    page.objects.push_back(
        {encoded ? net::decode_uri(key) : std::move(key), *size, modified.value_or(0)});
  }
  return page;
}

}  // namespace streamhouse::objectstore
