#pragma once
/// \file  AwsSettings: what the AWS_* variables say, as every AWS tool reads them.

#include <functional>
#include <optional>
#include <string>

namespace streamhouse::net {

/// Empty = not set.
struct AwsSettings {
  using Lookup = std::function<std::optional<std::string>(const std::string& name)>;

  /// Reads the variables; an empty one counts as not set.
  static AwsSettings from(const Lookup& variable);

  std::string region = {};  ///< AWS_REGION, else AWS_DEFAULT_REGION.
  std::string access_key_id = {};
  std::string secret_access_key = {};
  std::string session_token = {};
  std::string profile = {};           ///< AWS_PROFILE
  std::string credentials_file = {};  ///< AWS_SHARED_CREDENTIALS_FILE, else ~/.aws/credentials.
  std::string config_file = {};       ///< AWS_CONFIG_FILE, else ~/.aws/config.
  std::string role_arn = {};
  std::string role_session_name = {};
  std::string web_identity_token_file = {};
  std::string container_uri = {};         ///< AWS_CONTAINER_CREDENTIALS_FULL_URI, or made of
                                          ///< AWS_CONTAINER_CREDENTIALS_RELATIVE_URI.
  std::string container_token = {};       ///< AWS_CONTAINER_AUTHORIZATION_TOKEN
  std::string container_token_file = {};  ///< AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE
  std::string instance_endpoint = "http://169.254.169.254";  ///< AWS_EC2_METADATA_SERVICE_ENDPOINT
  bool instance_disabled = false;                            ///< AWS_EC2_METADATA_DISABLED
  std::string endpoint_s3 = {};        ///< AWS_ENDPOINT_URL_S3, else AWS_ENDPOINT_URL.
  std::string s3_addressing = {};      ///< AWS_S3_ADDRESSING_STYLE: auto, path or virtual.
  std::string endpoint_dynamodb = {};  ///< AWS_ENDPOINT_URL_DYNAMODB, else AWS_ENDPOINT_URL.
  std::string endpoint_sts = {};       ///< AWS_ENDPOINT_URL_STS, else AWS_ENDPOINT_URL.
  std::string ca_file = {};            ///< AWS_CA_BUNDLE
};

}  // namespace streamhouse::net
