#pragma once
/// \file  AWS Signature Version 4: proves to a server who sent a request, and that nobody changed
/// it. The algorithm is AWS's "Authenticating Requests (AWS Signature Version 4)". Pure.

#include <string>
#include <vector>

#include "net/aws/credentials/credentials.h"
#include "net/aws/uri_text.h"
#include "net/http/http_message.h"
#include "runtime/time.h"

namespace streamhouse::net {

struct SigningScope {
  std::string region;   ///< `eu-central-1`
  std::string service;  ///< `s3`, `dynamodb`, `sts`
};

/// A request as the signature sees it. Paths are encoded once, as S3 wants it.
struct SignableRequest {
  std::string method;
  std::string host;  ///< As in the Host header: with the port, where it is not the scheme's own.
  std::string path;  ///< Not encoded, begins with a slash.
  QueryParameters query = {};
  std::vector<HttpHeader> headers = {};  ///< All of them are signed. Names in lower case.
  std::string payload_sha256;            ///< In hex.
};

/// The headers to send: those of the request, `x-amz-date`, `x-amz-content-sha256`,
/// `x-amz-security-token` of temporary credentials, and `authorization`. The Host header, which the
/// client adds, is signed too.
std::vector<HttpHeader> sign_v4(const SignableRequest& request, const SigningScope& scope,
                                const AwsCredentials& credentials, runtime::WallMs now);

/// `20130524T000000Z`
std::string amz_date(runtime::WallMs now);

}  // namespace streamhouse::net
