// Goal: every answer of a server means the right thing: what to set right, what to try again, and
// what may have happened.
// Method: answers as S3 and its likes give them, and broken ones.
#include "objectstore/s3/s3_answer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace streamhouse::objectstore {
namespace {

using base::Errc;
using net::ClientResponse;
using testing::AllOf;
using testing::HasSubstr;

ClientResponse answer(int status, const std::string& body,
                      std::vector<net::HttpHeader> headers = {}) {
  return {.status = status, .headers = std::move(headers), .body = base::Bytes(std::string(body))};
}

ClientResponse refused(int status, const std::string& code,
                       std::vector<net::HttpHeader> headers = {}) {
  return answer(
      status,
      "<?xml version=\"1.0\"?><Error><Code>" + code + "</Code><Message>so it is</Message></Error>",
      std::move(headers));
}

const S3Asked kAsked{.bucket = "bucket",
                     .region = "eu-west-1",
                     .endpoint = "https://store",
                     .access_key_id = "key",
                     .here = "20261121T180501Z"};

base::Error at_start(const ClientResponse& response) {
  return error_at_start(refusal_of(response), kAsked, response, "GET bucket");
}

Errc in_use(int status, const std::string& code, S3Effect effect) {
  return error_in_use({.status = status, .code = code}, effect, "PUT a").code;
}

TEST(S3AnswerTest, ReadsRefusals) {
  const S3Refusal refusal = refusal_of(refused(503, "SlowDown"));
  EXPECT_EQ(refusal.status, 503);
  EXPECT_EQ(refusal.code, "SlowDown");
  EXPECT_EQ(refusal.message, "so it is");
  for (const auto* const body : {"", "text", "<html>x</html>", "<Error>"})
    EXPECT_EQ(refusal_of(answer(500, body)).code, "") << body;
}

TEST(S3AnswerTest, WhatAServerSaysCannotMessUpALog) {
  const std::string message = "line\nline\x1b[31m" + std::string(10'000, 'x');
  const S3Refusal refusal =
      refusal_of(answer(400, "<Error><Code>X</Code><Message>" + message + "</Message></Error>"));
  EXPECT_LE(refusal.message.size(), 300u);
  EXPECT_EQ(refusal.message.find_first_of("\n\x1b"), std::string::npos);
}

TEST(S3AnswerTest, AtTheStartSaysWhatToSetRight) {
  const std::pair<ClientResponse, std::string> cases[] = {
      {refused(404, "NoSuchBucket"), "bucket bucket does not exist at https://store"},
      {refused(403, "InvalidAccessKeyId"), "access key key is not known"},
      {refused(403, "SignatureDoesNotMatch"), "the secret key does not belong to access key key"},
      {refused(403, "AccessDenied"), "access key key may not do this in bucket bucket"},
      {answer(403, ""), "access key key may not"},
      {refused(400, "ExpiredToken"), "session token of access key key"},
      {refused(400, "AuthorizationHeaderMalformed", {{"x-amz-bucket-region", "us-east-2"}}),
       "region eu-west-1 is wrong for bucket bucket; it is in us-east-2"},
      {answer(301, ""), "region eu-west-1 is wrong for bucket bucket"},
      {refused(403, "RequestTimeTooSkewed", {{"date", "Sat, 21 Nov 2026 20:05:01 GMT"}}),
       "clock is wrong: it says 20261121T180501Z, the server Sat, 21 Nov 2026 20:05:01 GMT"}};
  for (const auto& [response, text] : cases) {
    const base::Error error = at_start(response);
    EXPECT_EQ(error.code, Errc::kInvalid);
    EXPECT_THAT(error.text, AllOf(HasSubstr(text), HasSubstr("GET bucket")));
  }
}

TEST(S3AnswerTest, AtTheStartTroubleIsTriedAgain) {
  EXPECT_EQ(at_start(refused(503, "SlowDown")).code, Errc::kThrottled);
  EXPECT_EQ(at_start(answer(500, "")).code, Errc::kUnavailable);
  EXPECT_EQ(at_start(answer(502, "<html/>")).code, Errc::kUnavailable);
}

TEST(S3AnswerTest, InUseNothingThatCanBeSetRightIsForGood) {
  for (const auto* const code : {"NoSuchBucket", "AccessDenied", "SignatureDoesNotMatch",
                                 "RequestTimeTooSkewed", "ExpiredToken"})
    EXPECT_EQ(in_use(403, code, S3Effect::kWrite), Errc::kUnavailable) << code;
}

TEST(S3AnswerTest, ThrottlingIsNeitherAppliedNorForGood) {
  for (const auto effect : {S3Effect::kRead, S3Effect::kWrite}) {
    for (const auto* const code : {"SlowDown", "ServiceUnavailable", "TooManyRequests"})
      EXPECT_EQ(in_use(503, code, effect), Errc::kThrottled) << code;
    EXPECT_EQ(in_use(429, "", effect), Errc::kThrottled);
  }
  EXPECT_EQ(in_use(503, "", S3Effect::kRead), Errc::kThrottled);
  EXPECT_EQ(in_use(503, "", S3Effect::kWrite), Errc::kUnknownOutcome)
      << "a proxy may have lost the answer";
}

TEST(S3AnswerTest, AWriteThatFailedInsideTheServerMayHaveHappened) {
  for (const int status : {500, 502, 504}) {
    EXPECT_EQ(in_use(status, "InternalError", S3Effect::kWrite), Errc::kUnknownOutcome);
    EXPECT_EQ(in_use(status, "InternalError", S3Effect::kRead), Errc::kUnavailable);
  }
  EXPECT_EQ(in_use(400, "RequestTimeout", S3Effect::kWrite), Errc::kUnknownOutcome);
}

TEST(S3AnswerTest, ReadsRanges) {
  const auto range = parse_content_range("bytes 2-5/10");
  ASSERT_TRUE(range);
  EXPECT_EQ(range->first, 2u);
  EXPECT_EQ(range->last, 5u);
  EXPECT_EQ(range->size, 10u);
  for (const auto* const text :
       {"", "bytes", "bytes 2-5/*", "bytes */10", "bytes 5-2/10", "bytes 2-10/10", "2-5/10",
        "bytes 2/5-10", "bytes a-b/c", "bytes 2-5/99999999999999999999", "bytes -5/10"})
    EXPECT_FALSE(parse_content_range(text)) << text;
}

TEST(S3AnswerTest, ReadsPages) {
  const auto page = parse_list_page(
      answer(200,
             "<ListBucketResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">"
             "<EncodingType>url</EncodingType><IsTruncated>true</IsTruncated>"
             "<Contents><Key>p/a%20b%0A</Key><LastModified>1970-01-01T00:01:02.345Z</LastModified>"
             "<Size>12</Size></Contents>"
             "<Contents><Size>0</Size><Key>p/c</Key><Owner><ID>x</ID></Owner></Contents>"
             "</ListBucketResult>"));
  ASSERT_TRUE(page) << to_string(page.error());
  EXPECT_TRUE(page->truncated);
  ASSERT_EQ(page->objects.size(), 2u);
  EXPECT_EQ(page->objects[0].key, "p/a b\n");
  EXPECT_EQ(page->objects[0].size, 12u);
  EXPECT_EQ(page->objects[0].modified_ms, 62'000);
  EXPECT_EQ(page->objects[1].modified_ms, 0);
  EXPECT_EQ(page->objects[1].key, "p/c");
  const auto plain =
      parse_list_page(answer(200,
                             "<ListBucketResult><Contents><Key>a%20b</Key><Size>1</Size></Contents>"
                             "</ListBucketResult>"));
  EXPECT_EQ(plain->objects.at(0).key, "a%20b") << "not encoded, not decoded";
  EXPECT_FALSE(plain->truncated);
}

TEST(S3AnswerTest, WhatIsNoPageIsNotAnEmptyOne) {
  for (const auto* const body :
       {"", "<html/>", "<Error/>",
        "<ListBucketResult><Contents><Key>a</Key></Contents>"
        "</ListBucketResult>",
        "<ListBucketResult><Contents><Key>a</Key><Size>-1</Size></Contents></ListBucketResult>",
        "<ListBucketResult><Contents><Size>1</Size></Contents></ListBucketResult>",
        "<ListBucketResult>"}) {
    const auto page = parse_list_page(answer(200, body));
    ASSERT_FALSE(page) << body;
    EXPECT_EQ(page.error().code, Errc::kUnavailable);
  }
}

}  // namespace
}  // namespace streamhouse::objectstore
