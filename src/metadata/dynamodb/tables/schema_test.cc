// Goal: a start says what has to be set right, waits for what passes by itself, and refuses a table
// on which acknowledged records could be lost.
// Method: a server on a real socket that answers as AWS does where DynamoDB Local does not.
#include "metadata/dynamodb/tables/schema.h"

#include <gmock/gmock.h>

#include <map>

#include "runtime/asio_runtime.h"
#include "runtime/run_task.h"
#include "tests/net/scripted_http_server.h"

namespace streamhouse::metadata::dynamodb {
namespace {

using base::Errc;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using tests::http_answer;
using tests::ScriptedHttpServer;
using tests::ScriptedReply;
using tests::ScriptedRequest;
using namespace std::chrono_literals;

ScriptedReply answer(const std::string& json) { return {http_answer(200, json)}; }

ScriptedReply refuse(const std::string& type, const std::string& message = "why",
                     int status = 400) {
  return {http_answer(status, R"({"__type": "x#)" + type + R"(", "message": ")" + message + "\"}")};
}

/// What DescribeTable says of a table of ours, with these members beside.
ScriptedReply table_that_is(const std::string& status, const std::string& others = "") {
  return answer(R"({"Table": {"TableStatus": ")" + status + R"(", )" + others + R"(
    "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"},
                  {"AttributeName": "sk", "KeyType": "RANGE"}],
    "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"},
                             {"AttributeName": "sk", "AttributeType": "S"}]}})");
}

/// The item of the cluster, as a batch answers it.
ScriptedReply cluster_of_schema(int schema) {
  return answer(R"({"Responses": {"streamhouse": [{"pk": {"S": "K"}, "sk": {"S": "cluster"},
    "r": {"S": "1"}, "id": {"S": "00000000-0000-0000-0000-000000000009"},
    "created": {"N": "5"}, "schema": {"N": ")" +
                std::to_string(schema) + R"("}}]}})");
}

const ScriptedReply kNothing = answer(R"({"Responses": {"streamhouse": []}})");
const ScriptedReply kDone = answer("{}");

class DynamodbSchemaTest : public ::testing::Test {
 protected:
  /// What each operation answers, one after the other; the last for ever.
  using Scripts = std::map<std::string, std::vector<ScriptedReply>>;

  Status prepare(Scripts scripts, Access access = Access::kReadWrite,
                 Replicas replicas = Replicas::kRefuse) {
    server_ = std::make_unique<ScriptedHttpServer>(
        [scripts = std::move(scripts)](const ScriptedRequest& request) mutable {
          auto& replies = scripts.at(request.header("x-amz-target").substr(18));
          const ScriptedReply reply = replies.front();
          if (replies.size() > 1) replies.erase(replies.begin());
          return reply;
        });
    net::HttpClient http(runtime_, {});
    Client client({runtime_, http, credentials_}, *locate("eu-west-1", server_->url()),
                  {.time_max = 2s, .pause_first = 1ms, .pause_max = 5ms});
    Table table(client, "streamhouse", access);
    return runtime::run_task(runtime_, prepare_table(table, {{9}}, replicas));
  }
  /// The error of a start that has to fail.
  base::Error refused(Scripts scripts, Access access = Access::kReadWrite) {
    const Status status = prepare(std::move(scripts), access);
    EXPECT_FALSE(status.has_value());
    return status ? base::Error{} : status.error();
  }
  std::vector<std::string> operations() const {
    std::vector<std::string> names;
    for (const auto& request : server_->requests())
      names.push_back(request.header("x-amz-target").substr(18));
    return names;
  }

  runtime::AsioRuntime runtime_;
  net::StaticCredentials credentials_{{.access_key_id = "key", .secret_access_key = "sesame"}};
  std::unique_ptr<ScriptedHttpServer> server_;
};

TEST_F(DynamodbSchemaTest, ATableThatIsThereIsUsed) {
  const Status status = prepare(
      {{"DescribeTable", {table_that_is("ACTIVE")}}, {"BatchGetItem", {cluster_of_schema(1)}}});
  EXPECT_TRUE(status.has_value()) << to_string(status.error());
  EXPECT_THAT(operations(), testing::ElementsAre("DescribeTable", "BatchGetItem"));
}

TEST_F(DynamodbSchemaTest, ATableThatIsMissingIsMadeAndWaitedFor) {
  const Status status = prepare(
      {{"DescribeTable",
        {refuse("ResourceNotFoundException"), table_that_is("CREATING"), table_that_is("ACTIVE")}},
       {"CreateTable", {kDone}},
       {"BatchGetItem", {kNothing}},
       {"TransactWriteItems", {kDone}}});
  EXPECT_TRUE(status.has_value()) << to_string(status.error());
  EXPECT_THAT(operations(), testing::Contains("TransactWriteItems")) << "the cluster's item";
}

TEST_F(DynamodbSchemaTest, ATableThatAnotherMakesMeanwhileIsWaitedFor) {
  const Status status =
      prepare({{"DescribeTable", {refuse("ResourceNotFoundException"), table_that_is("ACTIVE")}},
               {"CreateTable", {refuse("ResourceInUseException")}},
               {"BatchGetItem", {cluster_of_schema(1), kNothing}}});
  EXPECT_TRUE(status.has_value()) << to_string(status.error());
}

TEST_F(DynamodbSchemaTest, WhoMayNotMakeTheTableIsToldHowItIsMade) {
  const base::Error error = refused({{"DescribeTable", {refuse("ResourceNotFoundException")}},
                                     {"CreateTable", {refuse("AccessDeniedException")}}});
  EXPECT_EQ(error.code, Errc::kInvalid);
  EXPECT_THAT(error.text,
              AllOf(HasSubstr("table streamhouse at http://127.0.0.1"),
                    HasSubstr("may not make it"), HasSubstr("partition key pk and sort key sk")));
}

TEST_F(DynamodbSchemaTest, WhatAnOperatorHasToSetRightEndsTheStart) {
  const std::pair<ScriptedReply, const char*> mistakes[] = {
      {refuse("AccessDeniedException"), "may not do this"},
      {refuse("UnrecognizedClientException"), "access key is not known"},
      {refuse("ExpiredTokenException"), "session token"},
      {refuse("InvalidSignatureException", "Signature expired: 20260101T000000Z"), "clock"},
      {refuse("InvalidSignatureException", "Credential should be scoped to a valid region"),
       "region"},
      {refuse("InvalidSignatureException", "The request signature we calculated does not match"),
       "secret key"},
      {refuse("MissingAuthenticationTokenException"), "no access key"}};
  for (const auto& [reply, named] : mistakes) {
    const base::Error error = refused({{"DescribeTable", {reply}}});
    EXPECT_EQ(error.code, Errc::kInvalid) << named;
    EXPECT_THAT(error.text,
                AllOf(HasSubstr(named), HasSubstr("table streamhouse"), Not(HasSubstr("sesame"))));
  }
}

TEST_F(DynamodbSchemaTest, WhatPassesByItselfMayBeTriedAgain) {
  EXPECT_EQ(refused({{"DescribeTable", {refuse("ThrottlingException")}}}).code, Errc::kThrottled);
  EXPECT_EQ(refused({{"DescribeTable", {refuse("InternalServerError", "", 500)}}}).code,
            Errc::kUnavailable);
}

TEST_F(DynamodbSchemaTest, AGlobalTableIsRefusedUnlessItIsAllowed) {
  const std::string replicas = R"("Replicas": [{"RegionName": "us-east-2"}], )";
  const base::Error error = refused({{"DescribeTable", {table_that_is("ACTIVE", replicas)}}});
  EXPECT_EQ(error.code, Errc::kInvalid);
  EXPECT_THAT(error.text, HasSubstr("is a global table"));
  const Status allowed = prepare({{"DescribeTable", {table_that_is("ACTIVE", replicas)}},
                                  {"BatchGetItem", {cluster_of_schema(1), kNothing}}},
                                 Access::kReadWrite, Replicas::kAllow);
  EXPECT_TRUE(allowed.has_value());
}

TEST_F(DynamodbSchemaTest, ATableWithALocalIndexIsRefused) {
  const std::string index = R"("LocalSecondaryIndexes": [{"IndexName": "x"}], )";
  const base::Error error = refused({{"DescribeTable", {table_that_is("ACTIVE", index)}}});
  EXPECT_EQ(error.code, Errc::kInvalid);
  EXPECT_THAT(error.text, HasSubstr("local secondary index"));
}

TEST_F(DynamodbSchemaTest, ATableOfALaterProgramIsRefused) {
  const base::Error error = refused(
      {{"DescribeTable", {table_that_is("ACTIVE")}}, {"BatchGetItem", {cluster_of_schema(2)}}});
  EXPECT_EQ(error.code, Errc::kUnsupported);
  EXPECT_THAT(error.text, HasSubstr("has schema 2, this program has 1"));
}

TEST_F(DynamodbSchemaTest, WhoOnlyLooksMakesNothing) {
  const base::Error missing =
      refused({{"DescribeTable", {refuse("ResourceNotFoundException")}}}, Access::kReadOnly);
  EXPECT_EQ(missing.code, Errc::kUnsupported);
  EXPECT_THAT(missing.text, HasSubstr("does not exist"));
  const base::Error unused =
      refused({{"DescribeTable", {table_that_is("ACTIVE")}}, {"BatchGetItem", {kNothing}}},
              Access::kReadOnly);
  EXPECT_EQ(unused.code, Errc::kUnsupported);
  EXPECT_THAT(unused.text, HasSubstr("was never used"));
  const base::Error later = refused(
      {{"DescribeTable", {table_that_is("ACTIVE")}}, {"BatchGetItem", {cluster_of_schema(2)}}},
      Access::kReadOnly);
  EXPECT_EQ(later.code, Errc::kUnsupported);
  EXPECT_THAT(operations(), Not(testing::Contains("TransactWriteItems")));
  const Status looks = prepare(
      {{"DescribeTable", {table_that_is("ACTIVE")}}, {"BatchGetItem", {cluster_of_schema(1)}}},
      Access::kReadOnly);
  EXPECT_TRUE(looks.has_value());
}

TEST_F(DynamodbSchemaTest, TheClustersItemThatAnotherMakesMeanwhileIsTaken) {
  const Status status =
      prepare({{"DescribeTable", {table_that_is("ACTIVE")}},
               {"BatchGetItem", {kNothing, cluster_of_schema(1), kNothing}},
               {"TransactWriteItems", {refuse("ConditionalCheckFailedException")}}});
  EXPECT_TRUE(status.has_value()) << to_string(status.error());
}

}  // namespace
}  // namespace streamhouse::metadata::dynamodb
