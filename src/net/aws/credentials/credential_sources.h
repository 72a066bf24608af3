#pragma once
/// \file  The sources of temporary credentials. Each asks its server anew at every fetch().

#include <memory>

#include "net/aws/credentials/credentials.h"
#include "net/http/http_client.h"

namespace streamhouse::net {

/// The endpoint that a container's host gives it: one GET, JSON back.
class ContainerCredentials final : public CredentialSource {
 public:
  struct Options {
    std::string url;
    std::string token = {};       ///< Sent as Authorization; empty: none.
    std::string token_file = {};  ///< Read at each fetch instead, where named.
  };
  /// Errors: kInvalid for a URL that is neither https nor of this host or its own network.
  static base::Result<std::unique_ptr<CredentialSource>> create(HttpClient& http, Options options);

  ContainerCredentials(HttpClient& http, Options options)
      : http_(http), options_(std::move(options)) {}
  runtime::Task<base::Result<AwsCredentials>> fetch() override;

 private:
  HttpClient& http_;
  const Options options_;
};

/// The metadata service of an EC2 instance, version 2: a token, the role's name, its credentials.
class InstanceCredentials final : public CredentialSource {
 public:
  InstanceCredentials(HttpClient& http, std::string endpoint)
      : http_(http), endpoint_(std::move(endpoint)) {}
  /// kNotFound if nobody answers at the endpoint: this is no instance.
  runtime::Task<base::Result<AwsCredentials>> fetch() override;

 private:
  runtime::Task<base::Result<std::string>> ask(std::string method, std::string path,
                                               std::vector<HttpHeader> headers);

  HttpClient& http_;
  const std::string endpoint_;
};

/// A role taken on with the token that a cluster writes to a file, through STS.
class WebIdentityCredentials final : public CredentialSource {
 public:
  struct Options {
    std::string endpoint;  ///< Of STS.
    std::string role_arn;
    std::string session_name;
    std::string token_file;
  };
  WebIdentityCredentials(HttpClient& http, Options options)
      : http_(http), options_(std::move(options)) {}
  runtime::Task<base::Result<AwsCredentials>> fetch() override;

 private:
  HttpClient& http_;
  const Options options_;
};

}  // namespace streamhouse::net
