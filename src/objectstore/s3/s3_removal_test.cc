// Goal: of a removal of many it is known for each key whether it is gone, and a server that cannot
// do it is told from one that refuses.
// Method: requests and answers as AWS's documentation shows them, and broken ones.
#include "objectstore/s3/s3_removal.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "net/aws/md5.h"

namespace streamhouse::objectstore {
namespace {

using base::Errc;

net::ClientResponse answer(const std::string& body) {
  return {.status = 200, .headers = {}, .body = base::Bytes(std::string(body))};
}

TEST(S3RemovalTest, NamesEachKeyWhole) {
  const S3Request request = removal_request("p&q/", {"a/1", "b"});
  const std::string body = base::to_string(request.body.at(0));
  EXPECT_EQ(body,
            "<Delete xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Quiet>true</Quiet>"
            "<Object><Key>p&amp;q/a/1</Key></Object><Object><Key>p&amp;q/b</Key></Object>"
            "</Delete>");
  EXPECT_EQ(request.method, "POST");
  EXPECT_EQ(request.key, "");
  EXPECT_EQ(request.query, (net::QueryParameters{{"delete", ""}}));
  EXPECT_EQ(request.headers.at(1).value, net::md5_base64(base::as_bytes(body)));
}

TEST(S3RemovalTest, WhatIsNotNamedIsGone) {
  const auto refused = parse_removal(
      answer("<DeleteResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">"
             "<Error><Key>p/a</Key><Code>AccessDenied</Code><Message>no</Message></Error>"
             "<Error><Key>p/b</Key><Code>InternalError</Code><Message>oh</Message></Error>"
             "<Error><Key>p/c</Key><Code>SlowDown</Code><Message>slow</Message></Error>"
             "<Error><Key>p/d</Key><Code>NoSuchKey</Code><Message>none</Message></Error>"
             "<Deleted><Key>p/e</Key></Deleted></DeleteResult>"));
  ASSERT_TRUE(refused) << to_string(refused.error());
  ASSERT_EQ(refused->size(), 3u);
  const auto code = [&](const std::string& key) {
    return error_in_use(refused->at(key), S3Effect::kWrite, key).code;
  };
  EXPECT_EQ(code("p/a"), Errc::kUnavailable);
  EXPECT_EQ(code("p/b"), Errc::kUnknownOutcome);
  EXPECT_EQ(code("p/c"), Errc::kThrottled);
  EXPECT_TRUE(parse_removal(answer("<DeleteResult/>"))->empty());
}

TEST(S3RemovalTest, WhatIsNoAnswerLeavesTheOutcomeOpen) {
  for (const auto* const body : {"", "<html/>", "<Error><Code>InternalError</Code></Error>",
                                 "<DeleteResult><Error>", "<ListBucketResult/>"}) {
    const auto refused = parse_removal(answer(body));
    ASSERT_FALSE(refused) << body;
    EXPECT_EQ(refused.error().code, Errc::kUnknownOutcome);
  }
}

TEST(S3RemovalTest, AServerThatCannotIsNotOneThatRefuses) {
  const std::pair<int, const char*> cannot[] = {
      {501, "NotImplemented"}, {405, "MethodNotAllowed"}, {400, "MalformedXML"}, {501, ""}};
  for (const auto& [status, code] : cannot)
    EXPECT_TRUE(is_no_removal_of_many({.status = status, .code = code})) << status << code;
  const std::pair<int, const char*> refuses[] = {{403, "AccessDenied"},  {400, "ExpiredToken"},
                                                 {503, "SlowDown"},      {404, "NoSuchBucket"},
                                                 {500, "InternalError"}, {400, "BadDigest"}};
  for (const auto& [status, code] : refuses)
    EXPECT_FALSE(is_no_removal_of_many({.status = status, .code = code})) << status << code;
}

}  // namespace
}  // namespace streamhouse::objectstore
