// Goal: signatures are those that AWS's algorithm gives.
// Method: the four examples that AWS publishes with their signatures, and one of our own with all
// that they lack, computed by another implementation. tests/contract/objectstore has a real server
// check many more.
#include "net/aws/signature_v4.h"

#include <gtest/gtest.h>

#include "base/hex.h"
#include "net/aws/sha256.h"

namespace streamhouse::net {
namespace {

constexpr runtime::WallMs kExampleTime = 1'369'353'600'000;  // 2013-05-24
const AwsCredentials kExampleKeys{.access_key_id = "AKIAIOSFODNN7EXAMPLE",
                                  .secret_access_key = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"};
const SigningScope kExampleScope{.region = "us-east-1", .service = "s3"};

std::string hash_of(std::string_view text) {
  return base::to_hex(base::BytesView(sha256(base::as_bytes(text))));
}

std::string authorization(const std::vector<HttpHeader>& headers) {
  for (const auto& [name, value] : headers)
    if (name == "authorization") return value;
  return "none";
}

SignableRequest example(std::string path) {
  return {.method = "GET",
          .host = "examplebucket.s3.amazonaws.com",
          .path = std::move(path),
          .payload_sha256 = hash_of("")};
}

std::string signature(const SignableRequest& request) {
  const auto headers = sign_v4(request, kExampleScope, kExampleKeys, kExampleTime);
  const std::string value = authorization(headers);
  return value.substr(value.rfind('=') + 1);
}

TEST(SignatureV4Test, SignsTheExampleOfARangedGet) {
  SignableRequest request = example("/test.txt");
  request.headers = {{"range", "bytes=0-9"}};
  const auto headers = sign_v4(request, kExampleScope, kExampleKeys, kExampleTime);
  EXPECT_EQ(authorization(headers),
            "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request, "
            "SignedHeaders=host;range;x-amz-content-sha256;x-amz-date, "
            "Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41");
  const std::vector<HttpHeader> expected{
      {"range", "bytes=0-9"},
      {"x-amz-date", "20130524T000000Z"},
      {"x-amz-content-sha256", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"}};
  EXPECT_EQ(std::vector<HttpHeader>(headers.begin(), headers.end() - 1), expected);
}

TEST(SignatureV4Test, SignsTheExampleOfAPut) {
  SignableRequest request = example("/test$file.text");
  request.method = "PUT";
  request.headers = {{"date", "Fri, 24 May 2013 00:00:00 GMT"},
                     {"x-amz-storage-class", "REDUCED_REDUNDANCY"}};
  request.payload_sha256 = hash_of("Welcome to Amazon S3.");
  EXPECT_EQ(signature(request), "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd");
}

TEST(SignatureV4Test, SignsTheExamplesWithQueries) {
  SignableRequest lifecycle = example("/");
  lifecycle.query = {{"lifecycle", ""}};
  EXPECT_EQ(signature(lifecycle),
            "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543");
  SignableRequest list = example("/");
  list.query = {{"prefix", "J"}, {"max-keys", "2"}};
  EXPECT_EQ(signature(list), "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7");
}

TEST(SignatureV4Test, SignsPortsTokensAndCharactersOfAllKinds) {
  const SignableRequest request{.method = "PUT",
                                .host = "127.0.0.1:8000",
                                .path = "/bucket/a b+c=d/\xc3\xa9~_.-",
                                .query = {{"uploads", ""}, {"delete", ""}},
                                .headers = {{"if-none-match", "*"}},
                                .payload_sha256 = hash_of("")};
  const auto headers = sign_v4(
      request, {.region = "eu-central-1", .service = "s3"},
      {.access_key_id = "key", .secret_access_key = "secret", .session_token = "token/with+signs="},
      1'795'284'301'000);
  EXPECT_EQ(authorization(headers),
            "AWS4-HMAC-SHA256 Credential=key/20261121/eu-central-1/s3/aws4_request, SignedHeaders="
            "host;if-none-match;x-amz-content-sha256;x-amz-date;x-amz-security-token, "
            "Signature=deb50b0e1f8364721331f170467ec0ce4d805c0ef634e2f08e7433e8ca1d5b16");
}

TEST(SignatureV4Test, EverythingSignedCounts) {
  const SignableRequest request = example("/test.txt");
  const std::string right = signature(request);
  SignableRequest other = request;
  other.method = "HEAD";
  EXPECT_NE(signature(other), right);
  other = request;
  other.host += ":81";
  EXPECT_NE(signature(other), right);
  other = request;
  other.path += "x";
  EXPECT_NE(signature(other), right);
  other = request;
  other.headers = {{"range", "bytes=0-1"}};
  EXPECT_NE(signature(other), right);
  other = request;
  other.payload_sha256 = hash_of("x");
  EXPECT_NE(signature(other), right);
}

TEST(SignatureV4Test, WritesTimesAsAwsDoes) {
  EXPECT_EQ(amz_date(0), "19700101T000000Z");
  EXPECT_EQ(amz_date(951'782'399'999), "20000228T235959Z");
  EXPECT_EQ(amz_date(951'782'400'000), "20000229T000000Z");
  EXPECT_EQ(amz_date(kExampleTime), "20130524T000000Z");
}

TEST(Sha256Test, GivesTheStandardsAnswers) {
  EXPECT_EQ(hash_of("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  Sha256 pieces;
  for (const auto* const piece : {"a", "", "bc"}) pieces.update(base::as_bytes(piece));
  EXPECT_EQ(base::to_hex(base::BytesView(pieces.finish())), hash_of("abc"));
  // RFC 4231, test case 2
  const auto mac =
      hmac_sha256(base::as_bytes("Jefe"), base::as_bytes("what do ya want for nothing?"));
  EXPECT_EQ(base::to_hex(base::BytesView(mac)),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

}  // namespace
}  // namespace streamhouse::net
