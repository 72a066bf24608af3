// Goal: the credentials are those that every AWS tool would take, wherever they come from, and what
// is missing is named.
// Method: settings as the environment gives them, files in a scratch directory, and a scripted
// server as the container's, the instance's and STS's endpoint.
#include "net/aws/credentials/credential_chain.h"

#include <gmock/gmock.h>

#include <fstream>
#include <map>

#include "net/aws/credentials/credential_sources.h"
#include "runtime/asio_runtime.h"
#include "runtime/run_task.h"
#include "tests/net/scripted_http_server.h"
#include "tests/scratch_directory.h"

namespace streamhouse::net {
namespace {

using base::Errc;
using base::Result;
using testing::HasSubstr;
using tests::http_answer;
using tests::ScriptedHttpServer;
using tests::ScriptedReply;
using tests::ScriptedRequest;

using Variables = std::map<std::string, std::string>;

AwsSettings settings_of(const Variables& variables) {
  return AwsSettings::from([&variables](const std::string& name) -> std::optional<std::string> {
    const auto found = variables.find(name);
    return found == variables.end() ? std::nullopt : std::optional(found->second);
  });
}

std::string json_of(const std::string& key) {
  return R"({"AccessKeyId":")" + key +
         R"(","SecretAccessKey":"s","Token":"t","Expiration":"2100-01-01T00:00:00Z"})";
}

class CredentialChainTest : public testing::Test {
 protected:
  Result<AwsIdentity> identity(const Variables& variables) {
    return AwsIdentity::from({.runtime = runtime_, .http = http_}, settings_of(variables));
  }
  Result<AwsCredentials> credentials(const Variables& variables) {
    auto found = identity(variables);
    if (!found) return found.error();
    return runtime::run_task(runtime_, found->credentials->fetch());
  }
  /// The access key's id, or the error.
  std::string key_of(const Variables& variables) {
    const auto found = credentials(variables);
    return found ? found->access_key_id : to_string(found.error());
  }
  std::string write(const std::string& name, const std::string& text) {
    const std::string path = scratch_.path() / name;
    std::ofstream(path) << text;
    return path;
  }

  tests::ScratchDirectory scratch_;
  runtime::AsioRuntime runtime_;
  HttpClient http_{runtime_, {.connect_max = std::chrono::seconds(2)}};
};

TEST_F(CredentialChainTest, TheEnvironmentsKeysComeFirst) {
  const auto found = credentials({{"AWS_ACCESS_KEY_ID", "env"},
                                  {"AWS_SECRET_ACCESS_KEY", "secret"},
                                  {"AWS_SESSION_TOKEN", "token"},
                                  {"AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://127.0.0.1:1/"}});
  ASSERT_TRUE(found) << to_string(found.error());
  EXPECT_EQ(found->access_key_id, "env");
  EXPECT_EQ(found->secret_access_key, "secret");
  EXPECT_EQ(found->session_token, "token");
  EXPECT_THAT(key_of({{"AWS_ACCESS_KEY_ID", "env"}}), HasSubstr("only one is set"));
}

TEST_F(CredentialChainTest, TheSharedProfileHasKeysAndRegion) {
  const std::string file = write("credentials",
                                 "[default]\naws_access_key_id=one\naws_secret_access_key=s\n"
                                 "[work]\naws_access_key_id=two\naws_secret_access_key=s\n");
  const std::string config = write("config",
                                   "[default]\nregion=eu-west-1\naws_access_key_id=old\n"
                                   "[profile work]\nregion=eu-west-2\n"
                                   "[profile sso]\nsso_session=x\n[profile bare]\n");
  Variables variables{{"AWS_SHARED_CREDENTIALS_FILE", file}, {"AWS_CONFIG_FILE", config}};
  EXPECT_EQ(key_of(variables), "one") << "the credentials file counts more";
  EXPECT_EQ(identity(variables)->region, "eu-west-1");
  variables["AWS_PROFILE"] = "work";
  EXPECT_EQ(key_of(variables), "two");
  EXPECT_EQ(identity(variables)->region, "eu-west-2");
  variables["AWS_REGION"] = "us-west-2";
  EXPECT_EQ(identity(variables)->region, "us-west-2");
  variables["AWS_PROFILE"] = "none";
  EXPECT_THAT(key_of(variables), HasSubstr("AWS_PROFILE=none: no such profile"));
  variables["AWS_PROFILE"] = "sso";
  EXPECT_THAT(key_of(variables), HasSubstr("sso_session of an AWS profile is not supported"));
  variables["AWS_PROFILE"] = "bare";
  EXPECT_THAT(key_of(variables), HasSubstr("the profile has no keys"));
}

TEST_F(CredentialChainTest, AHomeDirectoryHasTheFiles) {
  std::filesystem::create_directory(scratch_.path() / ".aws");
  write(".aws/credentials", "[default]\naws_access_key_id=home\naws_secret_access_key=s\n");
  EXPECT_EQ(key_of({{"HOME", scratch_.path()}}), "home");
  EXPECT_EQ(identity({{"HOME", scratch_.path()}})->region, "us-east-1");
}

TEST_F(CredentialChainTest, WithoutAnyTheStartIsRefused) {
  const auto none = identity({{"AWS_EC2_METADATA_DISABLED", "true"}});
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().code, Errc::kInvalid);
  EXPECT_THAT(none.error().text, HasSubstr("AWS_ACCESS_KEY_ID"));
  const auto alone = credentials({{"AWS_EC2_METADATA_SERVICE_ENDPOINT", "http://127.0.0.1:1"}});
  ASSERT_FALSE(alone);
  EXPECT_EQ(alone.error().code, Errc::kNotFound);
  EXPECT_THAT(alone.error().text, HasSubstr("no AWS credentials"));
}

TEST_F(CredentialChainTest, AContainerIsGivenThem) {
  ScriptedHttpServer server(
      [](const ScriptedRequest&) { return ScriptedReply{http_answer(200, json_of("task"))}; });
  const std::string token = write("token", "from file\n");
  Variables variables{{"AWS_CONTAINER_CREDENTIALS_FULL_URI", server.url() + "/role?x=1"},
                      {"AWS_CONTAINER_AUTHORIZATION_TOKEN", "from variable"}};
  const auto found = credentials(variables);
  ASSERT_TRUE(found) << to_string(found.error());
  EXPECT_EQ(found->access_key_id, "task");
  EXPECT_TRUE(found->expires_at);
  EXPECT_EQ(server.requests()[0].line, "GET /role?x=1 HTTP/1.1");
  EXPECT_EQ(server.requests()[0].header("authorization"), "from variable");
  variables["AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"] = token;
  EXPECT_EQ(key_of(variables), "task");
  EXPECT_EQ(server.requests()[1].header("authorization"), "from file");
  EXPECT_EQ(settings_of({{"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/v2/x"}}).container_uri,
            "http://169.254.170.2/v2/x");
}

TEST_F(CredentialChainTest, AContainersTokenGoesToNobodyElse) {
  for (const auto* const url :
       {"http://example.com/x", "ftp://127.0.0.1/", "x", "http://127.0.0.1.example.com/y",
        "http://127.0.0.1:80@example.com/y", "http://localhost.example.com/"}) {
    const auto found = identity({{"AWS_CONTAINER_CREDENTIALS_FULL_URI", url}});
    ASSERT_FALSE(found) << url;
    EXPECT_EQ(found.error().code, Errc::kInvalid);
  }
  for (const auto* const url : {"https://example.com/x", "http://localhost:1/x", "http://[::1]:2/",
                                "http://169.254.170.23/v1/credentials"})
    EXPECT_TRUE(identity({{"AWS_CONTAINER_CREDENTIALS_FULL_URI", url}})) << url;
}

TEST_F(CredentialChainTest, AnInstanceHasThemBehindAToken) {
  ScriptedHttpServer server([](const ScriptedRequest& request) {
    const std::string roles = "/latest/meta-data/iam/security-credentials/";
    if (request.line.starts_with("PUT /latest/api/token"))
      return ScriptedReply{http_answer(200, "T")};
    if (request.header("x-aws-ec2-metadata-token") != "T")
      return ScriptedReply{http_answer(401, "")};
    if (request.line == "GET " + roles + " HTTP/1.1")
      return ScriptedReply{http_answer(200, "role\nother")};
    if (request.line == "GET " + roles + "role HTTP/1.1")
      return ScriptedReply{http_answer(200, json_of("instance"))};
    return ScriptedReply{http_answer(404, "")};
  });
  EXPECT_EQ(key_of({{"AWS_EC2_METADATA_SERVICE_ENDPOINT", server.url()}}), "instance");
  EXPECT_EQ(server.requests()[0].header("x-aws-ec2-metadata-token-ttl-seconds"), "21600");
}

TEST_F(CredentialChainTest, AWebIdentityIsTradedForThem) {
  ScriptedHttpServer server([](const ScriptedRequest&) {
    return ScriptedReply{http_answer(
        200,
        "<R><AssumeRoleWithWebIdentityResult><Credentials><AccessKeyId>web</AccessKeyId>"
        "<SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken>"
        "<Expiration>2100-01-01T00:00:00Z</Expiration></Credentials>"
        "</AssumeRoleWithWebIdentityResult></R>")};
  });
  const Variables variables{{"AWS_WEB_IDENTITY_TOKEN_FILE", write("token", "a.b=\n")},
                            {"AWS_ROLE_ARN", "arn:aws:iam::1:role/x"},
                            {"AWS_ENDPOINT_URL_STS", server.url()}};
  EXPECT_EQ(key_of(variables), "web");
  const ScriptedRequest request = server.requests()[0];
  EXPECT_EQ(request.line, "POST / HTTP/1.1");
  EXPECT_EQ(request.body,
            "Action=AssumeRoleWithWebIdentity&RoleArn=arn%3Aaws%3Aiam%3A%3A1%3Arole%2Fx&"
            "RoleSessionName=streamhouse&Version=2011-06-15&WebIdentityToken=a.b%3D");
}

TEST_F(CredentialChainTest, AnEndpointInTroubleIsAskedAgain) {
  ScriptedHttpServer server(
      [](const ScriptedRequest&) { return ScriptedReply{http_answer(500, "secret")}; });
  const auto found = credentials({{"AWS_CONTAINER_CREDENTIALS_FULL_URI", server.url() + "/x"}});
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code, Errc::kUnavailable);
  EXPECT_THAT(found.error().text, HasSubstr("answered 500"));
}

TEST_F(CredentialChainTest, EndpointsOfServicesBeatTheOneOfAll) {
  const AwsSettings settings =
      settings_of({{"AWS_ENDPOINT_URL", "http://all"}, {"AWS_ENDPOINT_URL_S3", "http://s3"}});
  EXPECT_EQ(settings.endpoint_s3, "http://s3");
  EXPECT_EQ(settings.endpoint_dynamodb, "http://all");
  EXPECT_EQ(settings_of({{"AWS_DEFAULT_REGION", "r"}, {"AWS_REGION", ""}}).region, "r");
}

}  // namespace
}  // namespace streamhouse::net
