#include "net/aws/credentials/aws_settings.h"

#include <initializer_list>
#include <utility>

namespace streamhouse::net {
namespace {

constexpr const char* kContainerHost = "http://169.254.170.2";

/// The first of the variables that is set.
std::string first_of(const AwsSettings::Lookup& variable,
                     std::initializer_list<const char*> names) {
  for (const char* const name : names) {
    auto value = variable(name);
    if (value && !value->empty()) return *std::move(value);
  }
  return {};
}

std::string file_or_home(const AwsSettings::Lookup& variable, const char* name,
                         const std::string& below_home) {
  std::string path = first_of(variable, {name});
  if (!path.empty()) return path;
  const std::string home = first_of(variable, {"HOME"});
  return home.empty() ? "" : home + "/.aws/" + below_home;
}

std::string container_url(const AwsSettings::Lookup& variable) {
  const std::string relative = first_of(variable, {"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"});
  if (!relative.empty()) return kContainerHost + relative;
  return first_of(variable, {"AWS_CONTAINER_CREDENTIALS_FULL_URI"});
}

}  // namespace

AwsSettings AwsSettings::from(const Lookup& variable) {
  AwsSettings settings;
  settings.region = first_of(variable, {"AWS_REGION", "AWS_DEFAULT_REGION"});
  settings.access_key_id = first_of(variable, {"AWS_ACCESS_KEY_ID"});
  settings.secret_access_key = first_of(variable, {"AWS_SECRET_ACCESS_KEY"});
  settings.session_token = first_of(variable, {"AWS_SESSION_TOKEN"});
  settings.profile = first_of(variable, {"AWS_PROFILE"});
  settings.credentials_file = file_or_home(variable, "AWS_SHARED_CREDENTIALS_FILE", "credentials");
  settings.config_file = file_or_home(variable, "AWS_CONFIG_FILE", "config");
  settings.role_arn = first_of(variable, {"AWS_ROLE_ARN"});
  settings.role_session_name = first_of(variable, {"AWS_ROLE_SESSION_NAME"});
  settings.web_identity_token_file = first_of(variable, {"AWS_WEB_IDENTITY_TOKEN_FILE"});
  settings.container_uri = container_url(variable);
  settings.container_token = first_of(variable, {"AWS_CONTAINER_AUTHORIZATION_TOKEN"});
  settings.container_token_file = first_of(variable, {"AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"});
  const std::string instance = first_of(variable, {"AWS_EC2_METADATA_SERVICE_ENDPOINT"});
  if (!instance.empty()) settings.instance_endpoint = instance;
  settings.instance_disabled = first_of(variable, {"AWS_EC2_METADATA_DISABLED"}) == "true";
  settings.s3_addressing = first_of(variable, {"AWS_S3_ADDRESSING_STYLE"});
  settings.endpoint_s3 = first_of(variable, {"AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL"});
  settings.endpoint_dynamodb =
      first_of(variable, {"AWS_ENDPOINT_URL_DYNAMODB", "AWS_ENDPOINT_URL"});
  settings.endpoint_sts = first_of(variable, {"AWS_ENDPOINT_URL_STS", "AWS_ENDPOINT_URL"});
  settings.ca_file = first_of(variable, {"AWS_CA_BUNDLE"});
  return settings;
}

}  // namespace streamhouse::net
