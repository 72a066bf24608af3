#include "net/aws/credentials/credential_sources.h"

#include <utility>

#include "net/aws/credentials/credential_document.h"
#include "net/aws/credentials/small_file.h"
#include "net/aws/uri_text.h"

namespace streamhouse::net {

using base::Errc;
using base::Result;
using runtime::Task;

namespace {

constexpr auto kAnswerMax = std::chrono::seconds(5);
constexpr std::string_view kMetadata = "/latest/meta-data/iam/security-credentials/";

base::Error refused(const std::string& url, const ClientResponse& response) {
  return base::make_error(Errc::kUnavailable, "no credentials: " + url + " answered " +
                                                  std::to_string(response.status));
}

/// Host of `http://host:port/path`.
std::string_view host_of(std::string_view url) {
  const auto begin = url.find("://");
  if (begin == std::string_view::npos) return {};
  url.remove_prefix(begin + 3);
  url = url.substr(0, url.find('/'));
  if (url.starts_with('[')) return url.substr(0, url.find(']') + 1);
  return url.substr(0, url.find(':'));
}

/// Where a container may be told to send its token without TLS.
bool is_near(std::string_view host) {
  const bool loopback =
      host.starts_with("127.") && host.find_first_not_of("0123456789.") == std::string_view::npos;
  return loopback || host == "localhost" || host == "[::1]" || host == "169.254.170.2" ||
         host == "169.254.170.23" || host == "[fd00:ec2::23]";
}

}  // namespace

Result<std::unique_ptr<CredentialSource>> ContainerCredentials::create(HttpClient& http,
                                                                       Options options) {
  const bool near = options.url.starts_with("http://") && is_near(host_of(options.url));
  if ((!near && !options.url.starts_with("https://")) || options.url.contains('@'))
    return {Errc::kInvalid, "AWS_CONTAINER_CREDENTIALS_FULL_URI=" + options.url +
                                ": expected https, or a host of the container's own network"};
  return std::make_unique<ContainerCredentials>(http, std::move(options));
}

Task<Result<AwsCredentials>> ContainerCredentials::fetch() {
  ClientRequest request{.url = options_.url, .time_max = kAnswerMax};
  std::string token = options_.token;
  if (!options_.token_file.empty()) {
    SH_CO_TRY(token, read_small_file(options_.token_file));
  }
  if (!token.empty()) request.headers.push_back({"authorization", token});
  SH_CO_TRY(const ClientResponse response, co_await http_.send(std::move(request)));
  if (!response.ok()) co_return refused(options_.url, response);
  co_return parse_credentials_json(base::as_text(response.body));
}

Task<Result<std::string>> InstanceCredentials::ask(std::string method, std::string path,
                                                   std::vector<HttpHeader> headers) {
  const std::string url = endpoint_ + path;
  ClientRequest request{.method = std::move(method),
                        .url = url,
                        .headers = std::move(headers),
                        .time_max = kAnswerMax};
  SH_CO_TRY(const ClientResponse response, co_await http_.send(std::move(request)));
  if (!response.ok()) co_return refused(url, response);
  co_return base::to_string(response.body);
}

Task<Result<AwsCredentials>> InstanceCredentials::fetch() {
  auto token =
      co_await ask("PUT", "/latest/api/token", {{"x-aws-ec2-metadata-token-ttl-seconds", "21600"}});
  if (!token) {
    co_return base::make_error(
        Errc::kNotFound,
        "no AWS credentials in the environment, the shared profile or a container, and no "
        "instance metadata: " +
            token.error().text);
  }
  const std::vector<HttpHeader> with_token{{"x-aws-ec2-metadata-token", *token}};
  SH_CO_TRY(std::string roles, co_await ask("GET", std::string(kMetadata), with_token));
  roles = roles.substr(0, roles.find('\n'));
  const std::string path = std::string(kMetadata) + roles;
  SH_CO_TRY(const std::string document, co_await ask("GET", path, with_token));
  co_return parse_credentials_json(document);
}

Task<Result<AwsCredentials>> WebIdentityCredentials::fetch() {
  SH_CO_TRY(const std::string token, read_small_file(options_.token_file));
  std::string form = encode_query({{"Action", "AssumeRoleWithWebIdentity"},
                                   {"Version", "2011-06-15"},
                                   {"RoleArn", options_.role_arn},
                                   {"RoleSessionName", options_.session_name},
                                   {"WebIdentityToken", token}});
  ClientRequest request{
      .method = "POST",
      .url = options_.endpoint,
      .headers = {{"content-type", "application/x-www-form-urlencoded"}, {"accept", "text/xml"}},
      .time_max = kAnswerMax};
  request.body.emplace_back(std::move(form));
  SH_CO_TRY(const ClientResponse response, co_await http_.send(std::move(request)));
  if (!response.ok()) co_return refused(options_.endpoint, response);
  co_return parse_assumed_role(base::as_text(response.body));
}

}  // namespace streamhouse::net
