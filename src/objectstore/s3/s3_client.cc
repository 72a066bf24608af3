#include "objectstore/s3/s3_client.h"

#include <utility>

namespace streamhouse::objectstore {

using net::ClientRequest;
using net::ClientResponse;

namespace {

constexpr auto kAnswerMax = std::chrono::seconds(30);
/// Slower than this for a whole object, and a request is given up.
constexpr std::uint64_t kBytesPerSecondMin = 256u << 10;

/// What credentials that the server will not have again lead to: others are fetched.
bool concerns_credentials(const S3Refusal& refusal) {
  return refusal.code == "ExpiredToken" || refusal.code == "InvalidToken" ||
         refusal.code == "TokenRefreshRequired" || refusal.code == "InvalidAccessKeyId";
}

}  // namespace

std::string describe(const S3Request& request) {
  return request.method + " " + (request.key.empty() ? "bucket" : request.key);
}

base::Error as_read(base::Error error) {
  if (error.code == base::Errc::kUnknownOutcome) error.code = base::Errc::kUnavailable;
  return error;
}

ClientRequest signed_request(const S3Target& target, S3Request request,
                             const net::AwsCredentials& credentials, runtime::WallMs now) {
  const std::uint64_t bytes = total_size(request.body) + request.response_bytes_max;
  net::SignableRequest signable{.method = request.method,
                                .host = target.endpoint.host,
                                .path = target.endpoint.base_path + request.key,
                                .query = std::move(request.query),
                                .headers = std::move(request.headers),
                                .payload_sha256 = std::move(request.body_sha256)};
  std::string url =
      target.endpoint.scheme + "://" + target.endpoint.host + net::encode_uri_path(signable.path);
  if (!signable.query.empty()) url += "?" + net::encode_query(signable.query);
  const net::SigningScope scope{.region = target.region, .service = "s3"};
  return {.method = std::move(request.method),
          .url = std::move(url),
          .headers = net::sign_v4(signable, scope, credentials, now),
          .body = std::move(request.body),
          .response_bytes_max = request.response_bytes_max,
          .time_max = kAnswerMax + std::chrono::seconds(bytes / kBytesPerSecondMin)};
}

Task<Result<ClientResponse>> S3Client::send(S3Request request) {
  SH_CO_TRY(const net::AwsCredentials credentials, co_await credentials_.fetch());
  ClientRequest message =
      signed_request(target_, std::move(request), credentials, runtime_.wall_now());
  SH_CO_TRY(ClientResponse response, co_await http_.send(std::move(message)));
  if (!response.ok() && concerns_credentials(refusal_of(response))) credentials_.reject();
  co_return response;
}

Task<Result<ClientResponse>> S3Client::call(S3Request request, S3Effect effect) {
  const std::string what = describe(request);
  auto result = co_await send(std::move(request));
  if (result && result->ok()) co_return result;
  if (result) co_return error_in_use(refusal_of(*result), effect, what);
  if (effect == S3Effect::kRead) co_return as_read(std::move(result).error());
  co_return result;
}

}  // namespace streamhouse::objectstore
