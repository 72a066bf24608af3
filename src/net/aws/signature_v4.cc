#include "net/aws/signature_v4.h"

#include <algorithm>
#include <chrono>

#include "base/hex.h"
#include "net/aws/sha256.h"

namespace streamhouse::net {
namespace {

constexpr std::string_view kAlgorithm = "AWS4-HMAC-SHA256";

std::string digits(std::int64_t value, std::size_t width) {
  std::string text = std::to_string(value);
  return std::string(width - std::min(width, text.size()), '0') + text;
}

std::string hex(const Sha256Digest& digest) { return base::to_hex(base::BytesView(digest)); }

/// The headers by name, with their names in one line: what is signed.
struct SignedHeaders {
  std::string lines;
  std::string names;
};

SignedHeaders signed_headers(std::vector<HttpHeader> headers, const std::string& host) {
  headers.push_back({"host", host});
  std::ranges::sort(headers, {}, &HttpHeader::name);
  SignedHeaders out;
  for (const auto& [name, value] : headers) {
    out.lines += name + ":" + value + "\n";
    out.names += (out.names.empty() ? "" : ";") + name;
  }
  return out;
}

Sha256Digest signing_key(const AwsCredentials& credentials, const std::string& day,
                         const SigningScope& scope) {
  const std::string secret = "AWS4" + credentials.secret_access_key;
  const Sha256Digest of_day = hmac_sha256(base::as_bytes(secret), base::as_bytes(day));
  const Sha256Digest of_region = hmac_sha256(of_day, base::as_bytes(scope.region));
  const Sha256Digest of_service = hmac_sha256(of_region, base::as_bytes(scope.service));
  return hmac_sha256(of_service, base::as_bytes("aws4_request"));
}

}  // namespace

std::string amz_date(runtime::WallMs now) {
  using std::chrono::floor;
  const std::chrono::sys_time<std::chrono::milliseconds> time{std::chrono::milliseconds(now)};
  const auto day = floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(floor<std::chrono::seconds>(time - day));
  return digits(static_cast<int>(date.year()), 4) + digits(static_cast<unsigned>(date.month()), 2) +
         digits(static_cast<unsigned>(date.day()), 2) + "T" + digits(clock.hours().count(), 2) +
         digits(clock.minutes().count(), 2) + digits(clock.seconds().count(), 2) + "Z";
}

std::vector<HttpHeader> sign_v4(const SignableRequest& request, const SigningScope& scope,
                                const AwsCredentials& credentials, runtime::WallMs now) {
  const std::string time = amz_date(now);
  const std::string day = time.substr(0, 8);
  std::vector<HttpHeader> headers = request.headers;
  headers.push_back({"x-amz-date", time});
  headers.push_back({"x-amz-content-sha256", request.payload_sha256});
  if (!credentials.session_token.empty())
    headers.push_back({"x-amz-security-token", credentials.session_token});
  const SignedHeaders with_host = signed_headers(headers, request.host);
  const std::string canonical = request.method + "\n" + encode_uri_path(request.path) + "\n" +
                                encode_query(request.query) + "\n" + with_host.lines + "\n" +
                                with_host.names + "\n" + request.payload_sha256;
  const std::string day_scope = day + "/" + scope.region + "/" + scope.service + "/aws4_request";
  const std::string to_sign = std::string(kAlgorithm) + "\n" + time + "\n" + day_scope + "\n" +
                              hex(sha256(base::as_bytes(canonical)));
  const Sha256Digest key = signing_key(credentials, day, scope);
  const std::string signature = hex(hmac_sha256(key, base::as_bytes(to_sign)));
  headers.push_back({"authorization", std::string(kAlgorithm) +
                                          " Credential=" + credentials.access_key_id + "/" +
                                          day_scope + ", SignedHeaders=" + with_host.names +
                                          ", Signature=" + signature});
  return headers;
}

}  // namespace streamhouse::net
