#include "net/aws/credentials/credential_chain.h"

#include <utility>

#include "net/aws/credentials/credential_document.h"
#include "net/aws/credentials/credential_sources.h"
#include "net/aws/credentials/refreshing_credentials.h"
#include "net/aws/credentials/small_file.h"

namespace streamhouse::net {

using base::Errc;
using base::Result;

namespace {

constexpr const char* kRegion = "us-east-1";

/// A profile's settings from both files; those of the credentials file count more.
Result<AwsProfile> read_profile(const AwsSettings& settings) {
  const std::string name = settings.profile.empty() ? "default" : settings.profile;
  AwsProfile merged;
  bool found = false;
  for (const std::string& path : {settings.config_file, settings.credentials_file}) {
    const auto file =
        path.empty() ? Result<std::string>(Errc::kNotFound, "") : read_small_file(path);
    if (!file && file.error().code == Errc::kNotFound) continue;
    if (!file) return file.error();
    const auto profile = parse_profile(*file, name);
    if (!profile) continue;
    found = true;
    for (const auto& [key, value] : *profile) merged.insert_or_assign(key, value);
  }
  if (!found && !settings.profile.empty())
    return {Errc::kInvalid, "AWS_PROFILE=" + name + ": no such profile in " +
                                settings.credentials_file + " or " + settings.config_file};
  return merged;
}

std::string value_of(const AwsProfile& profile, std::string_view key) {
  const auto found = profile.find(key);
  return found == profile.end() ? "" : found->second;
}

/// The sources, in order; each answers nullptr if it is not configured.
class Chain {
 public:
  using Source = std::unique_ptr<CredentialSource>;

  Chain(AwsIdentity::Ports ports, const AwsSettings& settings, const AwsProfile& profile,
        std::string region)
      : ports_(ports), settings_(settings), profile_(profile), region_(std::move(region)) {}

  Result<Source> choose() {
    SH_TRY(Source source, of_keys("AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY",
                                  {.access_key_id = settings_.access_key_id,
                                   .secret_access_key = settings_.secret_access_key,
                                   .session_token = settings_.session_token}));
    if (source) return source;
    if (!settings_.web_identity_token_file.empty() && !settings_.role_arn.empty())
      return of_web_identity(settings_.role_arn, settings_.web_identity_token_file);
    SH_TRY(source, of_profile());
    if (source) return source;
    if (!settings_.container_uri.empty()) return of_container();
    if (!settings_.instance_disabled)
      return refreshed(
          std::make_unique<InstanceCredentials>(ports_.http, settings_.instance_endpoint));
    return {Errc::kInvalid,
            "no AWS credentials: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or a profile"};
  }

 private:
  static Result<Source> of_keys(const std::string& names, AwsCredentials keys) {
    if (keys.access_key_id.empty() && keys.secret_access_key.empty()) return Source();
    if (keys.access_key_id.empty() || keys.secret_access_key.empty())
      return {Errc::kInvalid, "of " + names + " only one is set"};
    return Source(std::make_unique<StaticCredentials>(std::move(keys)));
  }

  Result<Source> of_profile() {
    SH_TRY(Source source, of_keys("aws_access_key_id and aws_secret_access_key of the profile",
                                  {.access_key_id = value_of(profile_, "aws_access_key_id"),
                                   .secret_access_key = value_of(profile_, "aws_secret_access_key"),
                                   .session_token = value_of(profile_, "aws_session_token")}));
    if (source) return source;
    const std::string role = value_of(profile_, "role_arn");
    const std::string token_file = value_of(profile_, "web_identity_token_file");
    if (!role.empty() && !token_file.empty()) return of_web_identity(role, token_file);
    for (const char* const other : {"credential_process", "sso_session", "sso_start_url",
                                    "source_profile", "credential_source"})
      if (profile_.contains(other))
        return {Errc::kInvalid, std::string(other) + " of an AWS profile is not supported"};
    if (!settings_.profile.empty() && settings_.container_uri.empty())
      return {Errc::kInvalid, "AWS_PROFILE=" + settings_.profile + ": the profile has no keys"};
    return Source();
  }

  Result<Source> of_web_identity(const std::string& role, const std::string& token_file) {
    const std::string endpoint = settings_.endpoint_sts.empty()
                                     ? "https://sts." + region_ + ".amazonaws.com"
                                     : settings_.endpoint_sts;
    const std::string name =
        settings_.role_session_name.empty() ? "streamhouse" : settings_.role_session_name;
    return refreshed(std::make_unique<WebIdentityCredentials>(
        ports_.http, WebIdentityCredentials::Options{.endpoint = endpoint + "/",
                                                     .role_arn = role,
                                                     .session_name = name,
                                                     .token_file = token_file}));
  }

  Result<Source> of_container() {
    SH_TRY(Source source, ContainerCredentials::create(
                              ports_.http, {.url = settings_.container_uri,
                                            .token = settings_.container_token,
                                            .token_file = settings_.container_token_file}));
    return refreshed(std::move(source));
  }

  Result<Source> refreshed(Source source) {
    return Source(std::make_unique<RefreshingCredentials>(ports_.runtime, std::move(source)));
  }

  AwsIdentity::Ports ports_;
  const AwsSettings& settings_;
  const AwsProfile& profile_;
  const std::string region_;
};

}  // namespace

Result<AwsIdentity> AwsIdentity::from(Ports ports, const AwsSettings& settings) {
  SH_TRY(const AwsProfile profile, read_profile(settings));
  AwsIdentity identity;
  identity.region = settings.region.empty() ? value_of(profile, "region") : settings.region;
  if (identity.region.empty()) identity.region = kRegion;
  SH_TRY(identity.credentials, Chain(ports, settings, profile, identity.region).choose());
  return identity;
}

}  // namespace streamhouse::net
