// Goal: a request is signed, sent until its outcome is known, and never said to have failed where
// it may have been applied. Method: a server on a real socket that answers what the test says.
#include "metadata/dynamodb/driver/client.h"

#include <gmock/gmock.h>

#include <atomic>

#include "runtime/asio_runtime.h"
#include "runtime/run_task.h"
#include "tests/net/scripted_http_server.h"

namespace streamhouse::metadata::dynamodb {
namespace {

using base::Errc;
using testing::HasSubstr;
using tests::http_answer;
using tests::ScriptedHttpServer;
using tests::ScriptedReply;
using tests::ScriptedRequest;
using namespace std::chrono_literals;

ScriptedReply refuse(const std::string& type, int status = 400) {
  return {http_answer(status, R"({"__type": "com.amazonaws.dynamodb.v20120810#)" + type + "\"}")};
}

ScriptedReply cancel(const std::string& reason) {
  return {http_answer(400, R"({"__type": "x#TransactionCanceledException",
                              "CancellationReasons": [{"Code": "None"}, {"Code": ")" +
                               reason + R"("}]})")};
}

ScriptedReply succeed(const std::string& headers = "") { return {http_answer(200, "{}", headers)}; }

/// Credentials that say how often they were asked for and turned down.
class CountedCredentials final : public net::CredentialSource {
 public:
  Task<Result<net::AwsCredentials>> fetch() override {
    ++fetched;
    if (failure) co_return *failure;
    co_return net::AwsCredentials{
        .access_key_id = "key", .secret_access_key = "secret", .session_token = token};
  }
  void reject() override { ++rejected; }

  std::string token;
  std::optional<base::Error> failure;
  int fetched = 0;
  int rejected = 0;
};

class DynamodbClientTest : public ::testing::Test {
 protected:
  /// The server gives these answers, the last one for ever.
  void script(std::vector<ScriptedReply> replies) {
    server_ = std::make_unique<ScriptedHttpServer>(
        [replies = std::move(replies), next = std::size_t{0}](const ScriptedRequest&) mutable {
          const ScriptedReply& reply = replies[std::min(next, replies.size() - 1)];
          ++next;
          return reply;
        });
  }

  Answer call(Effect effect, const std::string& body = "{}",
              RetryPolicy::Options retries = {
                  .time_max = 5s, .pause_first = 1ms, .pause_max = 5ms}) {
    net::HttpClient http(runtime_, {});
    Client client({runtime_, http, credentials_}, *locate("eu-west-1", server_->url()), retries);
    auto ask = [](Client& to, Request request, Answer& answer) -> Task<Status> {
      answer = co_await to.call(std::move(request));
      co_return Status{};
    };
    Answer answer{.body = base::Bytes()};
    const Status done = runtime::run_task(
        runtime_,
        ask(client, Request{.operation = "PutItem", .body = body, .effect = effect}, answer));
    EXPECT_TRUE(done.has_value());
    now_ = client.now();
    retry_count_ = client.retry_count();
    return answer;
  }

  runtime::AsioRuntime runtime_;
  CountedCredentials credentials_;
  std::unique_ptr<ScriptedHttpServer> server_;
  runtime::WallMs now_ = 0;
  std::uint64_t retry_count_ = 0;
};

TEST_F(DynamodbClientTest, ARequestNamesItsOperationAndIsSigned) {
  credentials_.token = "session";
  script({succeed()});
  const Answer answer = call(Effect::kWrite, R"({"a": 1})");
  ASSERT_TRUE(answer.body.has_value());
  EXPECT_EQ(base::as_text(*answer.body), "{}");
  const auto requests = server_->requests();
  ASSERT_EQ(requests.size(), 1u);
  EXPECT_THAT(requests[0].line, HasSubstr("POST / HTTP/1.1"));
  EXPECT_EQ(requests[0].body, R"({"a": 1})");
  EXPECT_EQ(requests[0].header("x-amz-target"), "DynamoDB_20120810.PutItem");
  EXPECT_EQ(requests[0].header("content-type"), "application/x-amz-json-1.0");
  EXPECT_EQ(requests[0].header("x-amz-security-token"), "session");
  EXPECT_THAT(requests[0].header("authorization"), HasSubstr("/eu-west-1/dynamodb/aws4_request"));
  EXPECT_THAT(requests[0].header("authorization"), HasSubstr("x-amz-target"));
}

TEST_F(DynamodbClientTest, WhatWasThrottledIsSentAgainAsItWas) {
  script({refuse("ProvisionedThroughputExceededException"), refuse("ThrottlingException"),
          cancel("ThrottlingError"), succeed()});
  EXPECT_TRUE(call(Effect::kWrite, R"({"ClientRequestToken": "t"})").body.has_value());
  const auto requests = server_->requests();
  ASSERT_EQ(requests.size(), 4u);
  for (const auto& request : requests) EXPECT_EQ(request.body, R"({"ClientRequestToken": "t"})");
  EXPECT_EQ(retry_count_, 3u);
}

TEST_F(DynamodbClientTest, AWriteOfUnknownOutcomeIsSentAgainUntilItIsKnown) {
  for (const ScriptedReply& broken :
       {refuse("InternalServerError", 500), refuse("", 503),
        refuse("TransactionInProgressException"),
        ScriptedReply{.then = ScriptedReply::Then::kReset},
        ScriptedReply{.bytes = "HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n{",
                      .then = ScriptedReply::Then::kClose}}) {
    script({broken, broken, succeed()});
    const Answer answer = call(Effect::kWrite);
    EXPECT_TRUE(answer.body.has_value()) << to_string(answer.body.error());
  }
}

TEST_F(DynamodbClientTest, AConditionThatFailsIsNotSentAgain) {
  for (const ScriptedReply& lost :
       {refuse("ConditionalCheckFailedException"), cancel("ConditionalCheckFailed"),
        cancel("TransactionConflict")}) {
    script({lost, succeed()});
    const Answer answer = call(Effect::kWrite);
    EXPECT_EQ(answer.failure, Failure::kLost);
    EXPECT_EQ(server_->requests().size(), 1u);
  }
}

TEST_F(DynamodbClientTest, AConditionThatFailsBehindAnUnknownOutcomeIsALossToo) {
  script({refuse("InternalServerError", 500), refuse("ConditionalCheckFailedException")});
  const Answer answer = call(Effect::kWrite);
  EXPECT_EQ(answer.failure, Failure::kLost);
  EXPECT_EQ(answer.body.error().code, Errc::kConflict);
}

TEST_F(DynamodbClientTest, AnotherTransactionBehindAnUnknownOutcomeIsWaitedFor) {
  const ScriptedReply broken = refuse("InternalServerError", 500);
  for (const ScriptedReply& outrun :
       {refuse("TransactionConflictException"), cancel("TransactionConflict")}) {
    script({broken, outrun, outrun, succeed()});
    EXPECT_TRUE(call(Effect::kWrite, "{}").body.has_value()) << "the first had been applied";
    EXPECT_EQ(server_->requests().size(), 4u);
    script({broken, outrun, refuse("ConditionalCheckFailedException")});
    EXPECT_EQ(call(Effect::kWrite).failure, Failure::kLost);
  }
}

TEST_F(DynamodbClientTest, WhatGoesOnForTooLongIsGivenUpAsWhatItIs) {
  const RetryPolicy::Options brief{.time_max = 300ms, .pause_first = 2ms, .pause_max = 4ms};
  script({refuse("ThrottlingException")});
  EXPECT_EQ(call(Effect::kWrite, "{}", brief).body.error().code, Errc::kThrottled);
  EXPECT_GT(server_->requests().size(), 3u);
  script({refuse("InternalServerError", 500)});
  EXPECT_EQ(call(Effect::kWrite, "{}", brief).body.error().code, Errc::kUnknownOutcome);
  EXPECT_EQ(call(Effect::kRead, "{}", brief).body.error().code, Errc::kUnavailable);
  script({refuse("InternalServerError", 500), refuse("ThrottlingException")});
  EXPECT_EQ(call(Effect::kWrite, "{}", brief).body.error().code, Errc::kUnknownOutcome)
      << "throttled last, but the first may have been applied";
  script({refuse("InternalServerError", 500), refuse("TransactionConflictException")});
  EXPECT_EQ(call(Effect::kWrite, "{}", brief).body.error().code, Errc::kUnknownOutcome);
}

TEST_F(DynamodbClientTest, AReadIsRepeatedAfterAnyFailureOfTheWay) {
  script({ScriptedReply{.then = ScriptedReply::Then::kReset}, refuse("InternalServerError", 500),
          succeed()});
  EXPECT_TRUE(call(Effect::kRead).body.has_value());
}

TEST_F(DynamodbClientTest, WhatNoRepetitionMendsIsAnsweredAtOnce) {
  for (const auto& [type, code] : {std::pair("ValidationException", Errc::kInternal),
                                   {"AccessDeniedException", Errc::kUnavailable},
                                   {"ResourceNotFoundException", Errc::kUnavailable}}) {
    script({refuse(type)});
    const Answer answer = call(Effect::kWrite);
    EXPECT_EQ(answer.body.error().code, code) << type;
    EXPECT_EQ(answer.refusal.type, type);
    EXPECT_EQ(server_->requests().size(), 1u) << type;
  }
}

TEST_F(DynamodbClientTest, CredentialsThatAreNotAcceptedAreTurnedDown) {
  script({refuse("ExpiredTokenException")});
  EXPECT_EQ(call(Effect::kWrite).body.error().code, Errc::kUnavailable);
  EXPECT_EQ(credentials_.rejected, 1);
  script({refuse("AccessDeniedException")});
  EXPECT_FALSE(call(Effect::kWrite).body.has_value());
  EXPECT_EQ(credentials_.rejected, 1) << "others would not help";
}

TEST_F(DynamodbClientTest, WithoutCredentialsNothingIsSent) {
  script({succeed()});
  credentials_.failure = base::make_error(Errc::kNotFound, "none");
  EXPECT_EQ(call(Effect::kWrite).body.error().code, Errc::kNotFound);
  EXPECT_EQ(credentials_.fetched, 1);
  credentials_.failure = base::make_error(Errc::kUnavailable, "not now");
  const RetryPolicy::Options brief{.time_max = 300ms, .pause_first = 2ms, .pause_max = 4ms};
  EXPECT_EQ(call(Effect::kWrite, "{}", brief).body.error().code, Errc::kUnavailable);
  EXPECT_GT(credentials_.fetched, 3);
  EXPECT_TRUE(server_->requests().empty());
}

TEST_F(DynamodbClientTest, TheDateOfAnAnswerSetsTheClock) {
  script({succeed("Date: Thu, 01 Jan 2099 00:00:00 GMT\r\n")});
  EXPECT_TRUE(call(Effect::kRead).body.has_value());
  const auto expected = *parse_http_date("Thu, 01 Jan 2099 00:00:00 GMT");
  EXPECT_GE(now_, expected);
  EXPECT_LT(now_, expected + 120'000) << "however slow this machine is";
}

TEST_F(DynamodbClientTest, ErrorsNameTheOperationAndTheServerButNoSecret) {
  script({refuse("ValidationException")});
  const std::string text = call(Effect::kWrite).body.error().text;
  EXPECT_THAT(text, HasSubstr("PutItem at 127.0.0.1"));
  EXPECT_THAT(text, testing::Not(HasSubstr("secret")));
}

TEST_F(DynamodbClientTest, AnAnswerThatIsTooLargeIsNoSuccess) {
  script({{http_answer(200, std::string(5u << 20, 'x'))}});
  const RetryPolicy::Options brief{.time_max = 20ms, .pause_first = 2ms};
  EXPECT_FALSE(call(Effect::kRead, "{}", brief).body.has_value());
}

TEST_F(DynamodbClientTest, CredentialsThatAreRenewedMeanwhileAreUsed) {
  script({refuse("ThrottlingException"), succeed()});
  credentials_.token = "first";
  EXPECT_TRUE(call(Effect::kRead).body.has_value());
  EXPECT_EQ(credentials_.fetched, 2) << "for each attempt";
  credentials_.token = "second";
  EXPECT_TRUE(call(Effect::kRead).body.has_value());
  EXPECT_EQ(server_->requests().back().header("x-amz-security-token"), "second");
}

TEST_F(DynamodbClientTest, CredentialsThatCannotBeFetchedForNowAreTriedAgain) {
  script({succeed()});
  credentials_.failure = base::make_error(Errc::kUnavailable, "the role's server is silent");
  const RetryPolicy::Options brief{.time_max = 300ms, .pause_first = 2ms, .pause_max = 4ms};
  const Answer answer = call(Effect::kWrite, "{}", brief);
  EXPECT_EQ(answer.body.error().code, Errc::kUnavailable) << "nothing was sent, so nothing is open";
  EXPECT_GT(credentials_.fetched, 3);
  EXPECT_TRUE(server_->requests().empty());
}

TEST_F(DynamodbClientTest, ARefusalSaysWhatTheServiceSaid) {
  script({{http_answer(400, R"({"__type": "x#ValidationException",
                              "message": "Item size has exceeded the maximum allowed size"})")}});
  const Answer answer = call(Effect::kWrite);
  EXPECT_EQ(answer.refusal.type, "ValidationException");
  EXPECT_EQ(answer.refusal.status, 400);
  EXPECT_EQ(answer.failure, Failure::kNone);
  EXPECT_EQ(answer.body.error().code, Errc::kTooLarge);
  EXPECT_EQ(server_->requests().size(), 1u);
}

TEST(DynamodbEndpointTest, IsAwsInTheRegionUnlessAnotherIsNamed) {
  EXPECT_EQ(locate("eu-west-1", "")->url(), "https://dynamodb.eu-west-1.amazonaws.com");
  EXPECT_EQ(locate("cn-north-1", "")->url(), "https://dynamodb.cn-north-1.amazonaws.com.cn");
  EXPECT_EQ(locate("eu-west-1", "http://127.0.0.1:8000/")->url(), "http://127.0.0.1:8000");
  EXPECT_EQ(locate("eu-west-1", "https://h:443")->host, "h") << "as the Host header has it";
  EXPECT_EQ(locate("eu-west-1", "http://h:80")->host, "h");
  for (const char* url :
       {"h:8000", "ftp://h", "http://", "http://h/path", "http://u@h", "http://h?x"})
    EXPECT_EQ(locate("eu-west-1", url).error().code, Errc::kInvalid) << url;
}

}  // namespace
}  // namespace streamhouse::metadata::dynamodb
