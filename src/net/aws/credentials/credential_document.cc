#include "net/aws/credentials/credential_document.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <nlohmann/json.hpp>

#include "net/aws/xml_text.h"

namespace streamhouse::net {

using base::Errc;
using base::Result;

namespace {

base::Error malformed(const std::string& what) {
  return base::make_error(Errc::kUnavailable, "malformed credentials: " + what);
}

Result<AwsCredentials> checked(AwsCredentials credentials, const std::string& expiration) {
  if (credentials.access_key_id.empty() || credentials.secret_access_key.empty())
    return malformed("the access key or its secret is missing");
  if (expiration.empty()) return credentials;
  credentials.expires_at = parse_iso_time(expiration);
  if (!credentials.expires_at) return malformed("their expiration is no time");
  return credentials;
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kBlank = " \t\r";
  const auto first = text.find_first_not_of(kBlank);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlank) - first + 1);
}

/// `default` of `[default]`, `x` of `[x]` and `[profile x]`.
std::optional<std::string_view> section_name(std::string_view line) {
  if (!line.starts_with('[')) return std::nullopt;
  const auto end = line.find(']');
  if (end == std::string_view::npos) return std::nullopt;
  std::string_view name = trimmed(line.substr(1, end - 1));
  constexpr std::string_view kProfile = "profile ";
  if (name.starts_with(kProfile)) name = trimmed(name.substr(kProfile.size()));
  return name;
}

std::optional<int> number(std::string_view text) {
  int value = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failure != std::errc() || end != text.data() + text.size() || text.front() == '-')
    return std::nullopt;
  return value;
}

}  // namespace

Result<AwsCredentials> parse_credentials_json(std::string_view text) {
  const auto document = nlohmann::json::parse(text, nullptr, false);
  if (!document.is_object()) return malformed("no JSON object");
  const auto field = [&document](const char* name) -> std::string {
    const auto found = document.find(name);
    return found != document.end() && found->is_string() ? found->get<std::string>() : "";
  };
  return checked({.access_key_id = field("AccessKeyId"),
                  .secret_access_key = field("SecretAccessKey"),
                  .session_token = field("Token")},
                 field("Expiration"));
}

Result<AwsCredentials> parse_assumed_role(std::string_view text) {
  const auto root = XmlElement::parse(text);
  if (!root) return malformed("no XML");
  const XmlElement found = root->child("AssumeRoleWithWebIdentityResult").child("Credentials");
  return checked({.access_key_id = found.text_of("AccessKeyId"),
                  .secret_access_key = found.text_of("SecretAccessKey"),
                  .session_token = found.text_of("SessionToken")},
                 found.text_of("Expiration"));
}

std::optional<runtime::WallMs> parse_iso_time(std::string_view text) {
  constexpr std::string_view kShape = "dddd-dd-ddTdd:dd:dd";
  if (text.size() <= kShape.size() || text.back() != 'Z') return std::nullopt;
  for (std::size_t i = 0; i < kShape.size(); ++i)
    if (kShape[i] != 'd' && text[i] != kShape[i]) return std::nullopt;
  constexpr std::pair<std::size_t, std::size_t> kFields[] = {{0, 4},  {5, 2},  {8, 2},
                                                             {11, 2}, {14, 2}, {17, 2}};
  int values[6] = {};
  for (std::size_t i = 0; i < 6; ++i) {
    const auto value = number(text.substr(kFields[i].first, kFields[i].second));
    if (!value) return std::nullopt;
    values[i] = *value;
  }
  const std::chrono::year_month_day date{std::chrono::year(values[0]),
                                         std::chrono::month(static_cast<unsigned>(values[1])),
                                         std::chrono::day(static_cast<unsigned>(values[2]))};
  if (!date.ok() || values[3] > 23 || values[4] > 59 || values[5] > 60) return std::nullopt;
  const auto time = std::chrono::sys_days(date) + std::chrono::hours(values[3]) +
                    std::chrono::minutes(values[4]) + std::chrono::seconds(values[5]);
  return std::chrono::duration_cast<std::chrono::milliseconds>(time.time_since_epoch()).count();
}

std::optional<AwsProfile> parse_profile(std::string_view file, std::string_view name) {
  std::optional<AwsProfile> profile;
  bool inside = false;
  while (!file.empty()) {
    const auto end = std::min(file.find('\n'), file.size());
    const std::string_view line = file.substr(0, end);
    file.remove_prefix(std::min(end + 1, file.size()));
    if (line.empty() || line.front() == '#' || line.front() == ';') continue;
    if (const auto section = section_name(line)) {
      inside = *section == name;
      if (inside && !profile) profile.emplace();
      continue;
    }
    const auto equals = line.find('=');
    const bool nested = line.front() == ' ' || line.front() == '\t';
    if (!inside || nested || equals == std::string_view::npos) continue;
    profile->insert_or_assign(std::string(trimmed(line.substr(0, equals))),
                              std::string(trimmed(line.substr(equals + 1))));
  }
  return profile;
}

}  // namespace streamhouse::net
