#pragma once
/// \file  S3Client: signed requests to one bucket, each sent once.

#include <string>

#include "net/aws/credentials/credentials.h"
#include "net/aws/signature_v4.h"
#include "net/http/http_client.h"
#include "objectstore/object_store.h"
#include "objectstore/s3/s3_answer.h"
#include "objectstore/s3/s3_location.h"

namespace streamhouse::objectstore {

/// SHA-256 of nothing, in hex.
constexpr std::string_view kNothingSha256 =
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

struct S3Request {
  std::string method = "GET";
  std::string key = {};  ///< Whole, with the prefix; empty: the bucket itself.
  net::QueryParameters query = {};
  std::vector<net::HttpHeader> headers = {};  ///< Names in lower case.
  Chunks body = {};
  std::string body_sha256 = std::string(kNothingSha256);  ///< The server refuses other bytes.
  std::size_t response_bytes_max = 64u << 10;
};

/// Where requests go and how they are signed.
struct S3Target {
  S3Endpoint endpoint;
  std::string region;
};

/// `request` as HTTP. Pure.
net::ClientRequest signed_request(const S3Target& target, S3Request request,
                                  const net::AwsCredentials& credentials, runtime::WallMs now);

/// Lifetime:  outlives its calls; what it is made of outlives it.
/// Threading: the runtime's executor.
class S3Client {
 public:
  S3Client(runtime::Runtime& runtime, net::HttpClient& http, net::CredentialSource& credentials,
           S3Target target)
      : runtime_(runtime), http_(http), credentials_(credentials), target_(std::move(target)) {}

  /// The answer, whatever its status. Errors: HttpClient's; those of the credentials.
  Task<Result<net::ClientResponse>> send(S3Request request);
  /// As send(); an answer that is no success is an error_in_use.
  Task<Result<net::ClientResponse>> call(S3Request request, S3Effect effect);

  const S3Target& target() const { return target_; }

 private:
  runtime::Runtime& runtime_;
  net::HttpClient& http_;
  net::CredentialSource& credentials_;
  const S3Target target_;
};

/// `put ab/01/7`, for error texts.
std::string describe(const S3Request& request);
/// A read has no effect: an outcome that is unknown becomes kUnavailable.
base::Error as_read(base::Error error);

}  // namespace streamhouse::objectstore
