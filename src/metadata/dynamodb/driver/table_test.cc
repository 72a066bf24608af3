// Goal: batches are cut to what DynamoDB takes, what it leaves over is asked for again, pages are
// followed, and a table that is only read is never written.
// Method: a server on a real socket that keeps to a script and shows what it was asked.
#include "metadata/dynamodb/driver/table.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "runtime/asio_runtime.h"
#include "runtime/run_task.h"
#include "tests/net/scripted_http_server.h"

namespace streamhouse::metadata::dynamodb {
namespace {

using base::Errc;
using Json = nlohmann::json;
using tests::http_answer;
using tests::ScriptedHttpServer;
using tests::ScriptedRequest;
using namespace std::chrono_literals;

constexpr RetryPolicy::Options kBrisk{.time_max = 5s, .pause_first = 1ms, .pause_max = 5ms};

std::vector<Key> keys(int count) {
  std::vector<Key> list;
  for (int i = 0; i < count; ++i) list.push_back({"p", "k" + std::to_string(i)});
  return list;
}

Json item_json(const std::string& pk, const std::string& sk) {
  return {{"pk", {{"S", pk}}}, {"sk", {{"S", sk}}}};
}

class DynamodbTableTest : public ::testing::Test {
 protected:
  /// The number of the request, from 1, and its body. Runs on a thread of the server.
  using Script = std::function<Json(int number, const Json& request)>;
  struct Asked {
    std::string operation;
    Json body;
  };

  DynamodbTableTest() {
    server_ = std::make_unique<ScriptedHttpServer>([this](const ScriptedRequest& request) {
      if (hung_ > 0 && hung_-- > 0)
        return tests::ScriptedReply{"", tests::ScriptedReply::Then::kHang};
      const Json answer = script_(++served_, Json::parse(request.body));
      const bool refused = answer.contains("__type");
      return tests::ScriptedReply{http_answer(refused ? 400 : 200, answer.dump())};
    });
    http_ = std::make_unique<net::HttpClient>(runtime_, net::HttpClient::Options{});
    client_ = std::make_unique<Client>(Client::Ports{runtime_, *http_, credentials_},
                                       *locate("r", server_->url()), kBrisk);
  }

  template <class T>
  Result<T> run(Task<Result<T>> task) {
    return runtime::run_task(runtime_, std::move(task));
  }
  Table table(Access access = Access::kReadWrite) { return {*client_, "t", access}; }
  std::vector<Asked> asked() const {
    std::vector<Asked> list;
    for (const ScriptedRequest& request : server_->requests())
      list.push_back({request.header("x-amz-target").substr(18), Json::parse(request.body)});
    return list;
  }

  runtime::AsioRuntime runtime_;
  net::StaticCredentials credentials_{{.access_key_id = "k", .secret_access_key = "s"}};
  Script script_ = [](int, const Json&) { return Json::object(); };
  int served_ = 0;             ///< The server's.
  std::atomic<int> hung_ = 0;  ///< So many of the next requests are never answered.
  std::unique_ptr<ScriptedHttpServer> server_;
  std::unique_ptr<net::HttpClient> http_;
  std::unique_ptr<Client> client_;
};

/// Answers a batch with every item that was asked for, but for the last `left_over` of them.
Json found(const Json& request, std::size_t left_over) {
  const Json& wanted = request["RequestItems"]["t"]["Keys"];
  Json answer = {{"Responses", {{"t", Json::array()}}}, {"UnprocessedKeys", Json::object()}};
  Json unprocessed = Json::array();
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    if (i + left_over < wanted.size())
      answer["Responses"]["t"].push_back(wanted[i]);
    else
      unprocessed.push_back(wanted[i]);
  }
  if (!unprocessed.empty()) answer["UnprocessedKeys"]["t"]["Keys"] = unprocessed;
  return answer;
}

TEST_F(DynamodbTableTest, AnyNumberOfKeysIsReadByTheHundred) {
  script_ = [](int, const Json& request) { return found(request, 0); };
  Table read = table();
  EXPECT_EQ(run(read.get_all(keys(250)))->size(), 250u);
  ASSERT_EQ(asked().size(), 3u);
  for (const auto& [operation, request] : asked()) {
    EXPECT_EQ(operation, "BatchGetItem");
    EXPECT_LE(request["RequestItems"]["t"]["Keys"].size(), 100u);
    EXPECT_EQ(request["RequestItems"]["t"]["ConsistentRead"], true);
  }
}

TEST_F(DynamodbTableTest, NoKeyIsNoRequest) {
  Table read = table();
  EXPECT_TRUE(run(read.get_all({}))->empty());
  EXPECT_TRUE(asked().empty());
}

TEST_F(DynamodbTableTest, KeysThatWereLeftOverAreAskedForAgain) {
  script_ = [](int number, const Json& request) { return found(request, number <= 2 ? 3 : 0); };
  Table read = table();
  const auto items = run(read.get_all(keys(10)));
  ASSERT_TRUE(items.has_value());
  std::set<std::string> names;
  for (const Item& item : *items) names.insert(item.text(kSortKey));
  EXPECT_EQ(names.size(), 10u);
  EXPECT_EQ(asked().size(), 3u);
  EXPECT_EQ(asked().back().body["RequestItems"]["t"]["Keys"].size(), 3u);
}

TEST_F(DynamodbTableTest, AnItemThatIsNotThereIsNone) {
  script_ = [](int, const Json&) { return Json{{"Responses", {{"t", Json::array()}}}}; };
  Table read = table();
  const auto item = run(read.get({"p", "s"}));
  ASSERT_TRUE(item.has_value());
  EXPECT_FALSE(item->has_value());
}

/// The page after the request's start: two items, and where it ended unless it is the last.
Json page_of(const Json& request, int pages) {
  int number = 0;
  if (request.contains("ExclusiveStartKey"))
    number = std::stoi(request["ExclusiveStartKey"]["sk"]["S"].get<std::string>());
  Json answer = {{"Items", Json::array()}};
  for (int i = 1; i <= 2; ++i)
    answer["Items"].push_back(item_json("p", std::to_string(number + i)));
  if (number + 2 < 2 * pages)
    answer["LastEvaluatedKey"] = item_json("p", std::to_string(number + 2));
  return answer;
}

TEST_F(DynamodbTableTest, AQueryFollowsItsPagesToTheEnd) {
  script_ = [](int, const Json& request) { return page_of(request, 4); };
  Table read = table();
  const auto items = run(read.query(Range::whole("p")));
  ASSERT_TRUE(items.has_value());
  ASSERT_EQ(items->size(), 8u);
  for (std::size_t i = 0; i < 8; ++i) EXPECT_EQ((*items)[i].text(kSortKey), std::to_string(i + 1));
  EXPECT_EQ(asked().size(), 4u);
  for (const auto& [operation, request] : asked()) EXPECT_EQ(request["ConsistentRead"], true);
}

TEST_F(DynamodbTableTest, AQueryEndsWithItsLimit) {
  script_ = [](int, const Json& request) { return page_of(request, 4); };
  Table read = table();
  EXPECT_EQ(run(read.query(Range::whole("p").limited(4)))->size(), 4u);
  ASSERT_EQ(asked().size(), 2u);
  EXPECT_EQ(asked()[0].body["Limit"], 4);
  EXPECT_EQ(asked()[1].body["Limit"], 2) << "what is left of it";
  EXPECT_TRUE(run(read.query(Range::whole("p").limited(0)))->empty());
  EXPECT_EQ(asked().size(), 2u);
}

TEST_F(DynamodbTableTest, AnEmptyRangeIsNoRequestSinceItWouldBeRefused) {
  Table read = table();
  EXPECT_TRUE(run(read.query(Range::between("p", "b", "a")))->empty());
  EXPECT_TRUE(asked().empty());
}

std::vector<Write> puts(int count) {
  std::vector<Write> writes;
  for (const Key& key : keys(count)) writes.push_back({.key = key});
  return writes;
}

TEST_F(DynamodbTableTest, BatchesOfWritesAreCutAndWhatIsLeftOverIsSentAgain) {
  script_ = [](int number, const Json& request) {
    if (number != 1) return Json::object();
    const Json& sent = request["RequestItems"]["t"];
    return Json{{"UnprocessedItems", {{"t", Json::array({sent[3], sent[7]})}}}};
  };
  Table written = table();
  EXPECT_TRUE(run(written.write_all(puts(60))).has_value());
  ASSERT_EQ(asked().size(), 4u) << "25, the 2 again, 25, 10";
  EXPECT_EQ(asked()[0].body["RequestItems"]["t"].size(), 25u);
  EXPECT_EQ(asked()[1].body["RequestItems"]["t"].size(), 2u);
  EXPECT_EQ(asked()[1].body["RequestItems"]["t"][0], asked()[0].body["RequestItems"]["t"][3])
      << "as it was, its revision too";
  EXPECT_EQ(written.rows_written(), 60u);
}

TEST_F(DynamodbTableTest, ABatchIsNoLargerThanAnAnswerThatLeavesAllOfItOver) {
  script_ = [](int number, const Json& request) {
    return number > 1 ? Json::object() : Json{{"UnprocessedItems", request["RequestItems"]}};
  };
  std::vector<Write> writes = puts(25);
  for (Write& write : writes) write.item.set("b", base::Bytes(base::ByteVector(350u << 10)));
  Table written = table();
  EXPECT_TRUE(run(written.write_all(writes)).has_value());
  const auto batches = asked();
  ASSERT_EQ(batches.size(), 6u) << "5 of 5, the first twice";
  for (const auto& [operation, request] : batches)
    EXPECT_EQ(request["RequestItems"]["t"].size(), 5u);
  EXPECT_EQ(written.rows_written(), 25u);
  writes.assign(1, writes.front());
  writes[0].item.set("b", base::Bytes(base::ByteVector(3u << 20)));
  EXPECT_TRUE(run(written.write_all(writes)).has_value()) << "the service says what it takes";
  EXPECT_EQ(asked().size(), 7u);
}

TEST_F(DynamodbTableTest, AConnectionThatIsDeadCostsAHeartbeatLessThanItsSession) {
  hung_ = 1;
  script_ = [](int, const Json& request) { return found(request, 0); };
  Table read = table();
  const runtime::MonoTime started = runtime_.now();
  EXPECT_TRUE(run(read.get({"p", "s"})).has_value());
  EXPECT_LT(runtime_.now() - started, 9s) << "not as long as a read of megabytes";
  EXPECT_EQ(asked().size(), 2u);
}

TEST_F(DynamodbTableTest, ABatchThatMeetsATransactionIsSentAgain) {
  script_ = [](int number, const Json&) {
    if (number > 2) return Json::object();
    return Json{{"__type", "x#TransactionConflictException"}};
  };
  Table written = table();
  EXPECT_TRUE(run(written.write_all(puts(3))).has_value());
  EXPECT_EQ(asked().size(), 3u);
  EXPECT_EQ(asked()[2].body, asked()[0].body);
  EXPECT_EQ(written.rows_written(), 3u);
}

TEST_F(DynamodbTableTest, WhatIsLeftOverForTooLongIsThrottledUnlessSomeOfItPasses) {
  client_ = std::make_unique<Client>(Client::Ports{runtime_, *http_, credentials_},
                                     *locate("r", server_->url()),
                                     RetryPolicy::Options{.time_max = 300ms, .pause_first = 1ms});
  script_ = [](int, const Json& request) {
    if (request["RequestItems"]["t"].is_array())
      return Json{{"UnprocessedItems", request["RequestItems"]}};
    return found(request, request["RequestItems"]["t"]["Keys"].size());
  };
  Table stuck = table();
  EXPECT_EQ(run(stuck.write_all(puts(3))).error().code, base::Errc::kThrottled);
  EXPECT_EQ(stuck.rows_written(), 0u);
  EXPECT_EQ(run(stuck.get_all(keys(3))).error().code, base::Errc::kThrottled);
  script_ = [](int, const Json& request) {
    return found(request, request["RequestItems"]["t"]["Keys"].size() - 1);
  };
  EXPECT_EQ(run(stuck.get_all(keys(12)))->size(), 12u) << "one in each answer";
}

TEST_F(DynamodbTableTest, EachTransactionHasATokenOfItsOwnAndEachPutARevision) {
  Table written = table();
  std::set<std::string> tokens;
  std::set<std::string> revisions;
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(*run(written.transact(puts(2))), Written::kDone);
    const Json request = asked().back().body;
    const auto token = request["ClientRequestToken"].get<std::string>();
    EXPECT_LE(token.size(), 36u);
    tokens.insert(token);
    for (const Json& one : request["TransactItems"])
      revisions.insert(one["Put"]["Item"]["r"]["S"].get<std::string>());
  }
  EXPECT_EQ(tokens.size(), 5u);
  EXPECT_EQ(revisions.size(), 10u);
}

TEST_F(DynamodbTableTest, TokensDifferBetweenTablesAlsoWhereChanceDoesNot) {
  std::set<std::string> tokens;
  for (const char* name : {"one", "two"}) {
    runtime::AsioRuntime same(7);
    net::HttpClient http(same, {});
    Client client({same, http, credentials_}, *locate("r", server_->url()), kBrisk);
    Table written(client, name, Access::kReadWrite);
    EXPECT_TRUE(runtime::run_task(same, written.transact(puts(1))).has_value());
    tokens.insert(asked().back().body["ClientRequestToken"].get<std::string>());
  }
  EXPECT_EQ(tokens.size(), 2u) << "an account knows a token for ten minutes";
}

TEST_F(DynamodbTableTest, AnItemThatWasReadIsPutWithoutItsOldKeyAndRevision) {
  Table written = table();
  Item item;
  item.set(kPartitionKey, std::string("elsewhere"));
  item.set(kSortKey, std::string("elsewhere"));
  item.set(kRevision, std::string("old"));
  item.set("n", std::int64_t{7});
  EXPECT_EQ(*run(written.put({.key = {"p", "s"}, .item = item})), Written::kDone);
  const Json put = asked().back().body["Item"];
  EXPECT_EQ(put["pk"]["S"], "p");
  EXPECT_EQ(put["sk"]["S"], "s");
  EXPECT_EQ(put["n"]["N"], "7");
  EXPECT_NE(put["r"]["S"], "old");
}

TEST_F(DynamodbTableTest, ALostConditionIsNoErrorAndWritesNothing) {
  script_ = [](int, const Json&) { return Json{{"__type", "x#ConditionalCheckFailedException"}}; };
  Table written = table();
  EXPECT_EQ(*run(written.put({.key = {"p", "s"}})), Written::kLost);
  EXPECT_EQ(*run(written.transact(puts(2))), Written::kLost);
  EXPECT_EQ(written.rows_written(), 0u);
}

TEST_F(DynamodbTableTest, ATableThatIsOnlyReadIsNeverWritten) {
  Table read = table(Access::kReadOnly);
  EXPECT_EQ(run(read.put({.key = {"p", "s"}})).error().code, Errc::kUnsupported);
  EXPECT_EQ(run(read.transact(puts(1))).error().code, Errc::kUnsupported);
  EXPECT_EQ(run(read.write_all(puts(1))).error().code, Errc::kUnsupported);
  EXPECT_TRUE(asked().empty());
}

TEST_F(DynamodbTableTest, TextsThatAreNotUtf8AreRefusedBeforeTheyAreSent) {
  Table written = table();
  EXPECT_EQ(run(written.put({.key = {"p", "\xff"}})).error().code, Errc::kInvalid);
  EXPECT_EQ(run(written.get({"\xff", "s"})).error().code, Errc::kInvalid);
  EXPECT_TRUE(asked().empty());
}

TEST_F(DynamodbTableTest, AnErrorInTheMiddleEndsTheWhole) {
  script_ = [](int number, const Json& request) {
    return number == 2 ? Json{{"__type", "x#ValidationException"}} : found(request, 0);
  };
  Table read = table();
  EXPECT_EQ(run(read.get_all(keys(250))).error().code, Errc::kInternal);
  EXPECT_EQ(asked().size(), 2u);
  script_ = [](int, const Json&) { return Json{{"__type", "x#ValidationException"}}; };
  EXPECT_EQ(run(read.query(Range::whole("p"))).error().code, Errc::kInternal);
  EXPECT_EQ(run(read.write_all(puts(30))).error().code, Errc::kInternal);
  EXPECT_EQ(run(read.put({.key = {"p", "s"}})).error().code, Errc::kInternal);
  EXPECT_EQ(run(read.transact(puts(2))).error().code, Errc::kInternal);
  EXPECT_EQ(read.rows_written(), 0u);
}

TEST_F(DynamodbTableTest, AnswersThatAreNoneAreErrorsAndNotEmptyTables) {
  script_ = [](int, const Json&) { return Json{{"Items", 5}, {"Responses", {{"t", 5}}}}; };
  Table read = table();
  EXPECT_EQ(run(read.get_all(keys(2))).error().code, Errc::kUnavailable);
  EXPECT_EQ(run(read.query(Range::whole("p"))).error().code, Errc::kUnavailable);
}

}  // namespace
}  // namespace streamhouse::metadata::dynamodb
