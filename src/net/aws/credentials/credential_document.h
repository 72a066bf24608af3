#pragma once
/// \file  The documents that credentials come in: JSON, XML, and the files of shared profiles.
/// Pure.

#include <map>
#include <string>
#include <string_view>

#include "net/aws/credentials/credentials.h"

namespace streamhouse::net {

/// What container and instance endpoints answer: `AccessKeyId`, `SecretAccessKey`, `Token`,
/// `Expiration`. Errors: kUnavailable, if it is malformed (the text never has secrets in it).
base::Result<AwsCredentials> parse_credentials_json(std::string_view text);
/// STS's answer to AssumeRoleWithWebIdentity. Errors: as above.
base::Result<AwsCredentials> parse_assumed_role(std::string_view text);

/// `2026-11-21T18:05:00Z`, also with a fraction of a second, which is dropped.
std::optional<runtime::WallMs> parse_iso_time(std::string_view text);

/// The settings of one profile by name.
using AwsProfile = std::map<std::string, std::string, std::less<>>;
/// Section `name` of a credentials file, or of a config file, where sections but the default one
/// are called `profile NAME`. Lines are `key = value`; `#` and `;` begin comments; settings of
/// settings (indented lines) are passed over. nullopt if there is no such section.
std::optional<AwsProfile> parse_profile(std::string_view file, std::string_view name);

}  // namespace streamhouse::net
