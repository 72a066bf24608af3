// Goal: credentials are read from every document they come in, and a malformed one is refused
// without telling what is in it.
// Method: examples as AWS documents them, and broken ones.
#include "net/aws/credentials/credential_document.h"

#include <gtest/gtest.h>

namespace streamhouse::net {
namespace {

constexpr runtime::WallMs kTime = 1'795'284'301'000;  // 2026-11-21T18:05:01Z

TEST(CredentialDocumentTest, ReadsWhatEndpointsAnswer) {
  const auto read = parse_credentials_json(
      R"({"Code":"Success","Type":"AWS-HMAC","AccessKeyId":"key","SecretAccessKey":"secret",)"
      R"("Token":"token","Expiration":"2026-11-21T18:05:01Z","LastUpdated":null})");
  ASSERT_TRUE(read) << to_string(read.error());
  EXPECT_EQ(read->access_key_id, "key");
  EXPECT_EQ(read->secret_access_key, "secret");
  EXPECT_EQ(read->session_token, "token");
  EXPECT_EQ(read->expires_at, kTime);
}

TEST(CredentialDocumentTest, ReadsARoleThatWasTakenOn) {
  const auto read = parse_assumed_role(
      "<AssumeRoleWithWebIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">"
      "<AssumeRoleWithWebIdentityResult><Credentials><SessionToken>token</SessionToken>"
      "<SecretAccessKey>secret</SecretAccessKey><Expiration>2026-11-21T18:05:01.123Z</Expiration>"
      "<AccessKeyId>key</AccessKeyId></Credentials></AssumeRoleWithWebIdentityResult>"
      "</AssumeRoleWithWebIdentityResponse>");
  ASSERT_TRUE(read) << to_string(read.error());
  EXPECT_EQ(read->access_key_id, "key");
  EXPECT_EQ(read->session_token, "token");
  EXPECT_EQ(read->expires_at, kTime);
}

TEST(CredentialDocumentTest, RefusesBrokenDocumentsWithoutShowingThem) {
  for (const auto* const text :
       {"", "[]", "7", "{", R"({"AccessKeyId":"k"})",
        R"({"AccessKeyId":1,"SecretAccessKey":"s3cr"})",
        R"({"AccessKeyId":"k","SecretAccessKey":"s3cr","Expiration":"soon"})"}) {
    const auto read = parse_credentials_json(text);
    ASSERT_FALSE(read) << text;
    EXPECT_EQ(read.error().code, base::Errc::kUnavailable);
    EXPECT_EQ(read.error().text.find("s3cr"), std::string::npos);
  }
  for (const auto* const text : {"", "<a/>", "<a", "{}"})
    EXPECT_FALSE(parse_assumed_role(text)) << text;
}

TEST(CredentialDocumentTest, ReadsTimes) {
  EXPECT_EQ(parse_iso_time("2026-11-21T18:05:01Z"), kTime);
  EXPECT_EQ(parse_iso_time("1970-01-01T00:00:00Z"), 0);
  for (const auto* const text :
       {"", "Z", "2026-11-21", "2026-11-21T18:05:01", "2026-13-21T18:05:01Z",
        "2026-02-30T00:00:00Z", "2026-11-21 18:05:01Z", "2026-11-21T24:05:01Z",
        "20x6-11-21T18:05:01Z", "2026--1-21T18:05:01Z"})
    EXPECT_EQ(parse_iso_time(text), std::nullopt) << text;
}

TEST(CredentialDocumentTest, ReadsProfiles) {
  const std::string file =
      "# comment\n[default]\naws_access_key_id = one\n; comment\naws_secret_access_key=a=b \n\n"
      "[profile work]\r\nregion = eu-west-1\r\ns3 =\n  addressing_style = path\n[empty]\n"
      "[default]\nregion=us-west-2\n";
  const auto profile = parse_profile(file, "default");
  ASSERT_TRUE(profile);
  const AwsProfile expected{
      {"aws_access_key_id", "one"}, {"aws_secret_access_key", "a=b"}, {"region", "us-west-2"}};
  EXPECT_EQ(*profile, expected);
  EXPECT_EQ(parse_profile(file, "work")->at("region"), "eu-west-1");
  EXPECT_FALSE(parse_profile(file, "work")->contains("addressing_style"));
  EXPECT_EQ(parse_profile(file, "empty"), AwsProfile());
  EXPECT_EQ(parse_profile(file, "none"), std::nullopt);
  EXPECT_EQ(parse_profile("", "default"), std::nullopt);
  EXPECT_EQ(parse_profile("a = b\n[default", "default"), std::nullopt);
}

}  // namespace
}  // namespace streamhouse::net
