// Goal: a Fetch of several partitions is answered with whole batches as soon as there is enough,
// waits for all of them at once, and never keeps more memory than it may.
// Method: whole requests to a connection over the real services on the simulated runtime.

#include "tests/kafka/kafka_world.h"

namespace streamhouse::kafka {
namespace {

using core_testing::milliseconds;
using core_testing::seconds;
using wire::ErrorCode;
using Request = wire::FetchRequest;
using Response = wire::FetchResponse;

constexpr wire::Version kByName = 12;

class FetchTest : public kafka_testing::KafkaWorld {
 protected:
  struct Place {
    std::int32_t partition = 0;
    std::int64_t offset = 0;
  };
  static Request fetch_request(wire::String topic, const std::vector<Place>& places,
                               std::int32_t wait_ms = 0) {
    Request request{.max_wait_ms = wait_ms, .min_bytes = 1};
    Request::Topic& from = request.topics.emplace_back();
    from.topic = topic;
    for (const Place& place : places)
      from.partitions.push_back({.partition = place.partition,
                                 .fetch_offset = place.offset,
                                 .partition_max_bytes = 1 << 20});
    return request;
  }
  static const Response::Partition& partition(const Response& response, std::size_t number = 0) {
    return response.responses.at(0).partitions.at(number);
  }
  /// Base offsets of the batches of a partition.
  static std::vector<std::int64_t> offsets(const Response::Partition& partition) {
    std::vector<std::int64_t> offsets;
    for (const base::Bytes& piece : partition.records->pieces) {
      model::BatchCursor cursor(piece);
      for (auto batch = cursor.next(); batch && *batch; batch = cursor.next())
        offsets.push_back((*batch)->base_offset().value());
    }
    return offsets;
  }
  /// From now on the partition's records are read from the store.
  void forget_tail(const std::string& topic, std::int32_t index) {
    const model::PartitionIndex partition(index);
    const auto log = scope_->partitions().find({topics_.find(topic)->no, partition});
    SH_CHECK(log != nullptr, "it is led here");
    blocks_.batches[log->key()] = log->read_tail(model::Offset(0), 1u << 20);
    log->drop_tail(log->high_watermark());
  }
  std::vector<std::int64_t> fetched(const Request& request) {
    return offsets(partition(ask(kByName, request)));
  }
};

TEST_F(FetchTest, AnswersWithTheBatchThatHoldsTheOffsetAndWhatFollows) {
  create("orders");
  produce("orders", 3);
  produce("orders", 2);
  const auto response = ask(kByName, fetch_request("orders", {{.offset = 1}}));
  const Response::Partition& found = partition(response);
  EXPECT_EQ(found.error_code, ErrorCode::kNone);
  EXPECT_EQ(offsets(found), (std::vector<std::int64_t>{0, 3}));
  EXPECT_EQ(found.high_watermark, 5);
  EXPECT_EQ(found.last_stable_offset, 5);
  EXPECT_EQ(found.log_start_offset, 0);
  EXPECT_FALSE(found.aborted_transactions.has_value());
  EXPECT_EQ(response.session_id, 0);
}

TEST_F(FetchTest, FindsTopicsByIdFromVersion13On) {
  const auto topic = create("orders");
  produce("orders");
  Request request = fetch_request("", {{}});
  request.topics[0].topic_id = topic->id.bytes;
  EXPECT_EQ(offsets(partition(ask(18, request))), (std::vector<std::int64_t>{0}));
  request.topics[0].topic_id[3] ^= 1;
  EXPECT_EQ(partition(ask(18, request)).error_code, ErrorCode::kUnknownTopicId);
}

TEST_F(FetchTest, OneWaitIsForAllPartitions) {
  create("orders", 3);
  for (std::int32_t index = 0; index < 3; ++index) {
    std::vector<Place> ends{{0, index > 0}, {1, index > 1}, {2, 0}};
    const auto reply = begin_request(kByName, fetch_request("orders", ends, 60'000));
    run(seconds(10));
    EXPECT_FALSE(reply->has_value()) << "nothing has come";
    produce("orders", 1, index);
    run(milliseconds(1));
    ASSERT_TRUE(reply->has_value()) << index;
    const auto response = response_of<Request>(kByName, **reply);
    for (std::int32_t i = 0; i < 3; ++i) {
      EXPECT_EQ(offsets(partition(response, static_cast<std::size_t>(i))).size(),
                i == index ? 1u : 0u);
    }
  }
}

TEST_F(FetchTest, OthersOfItsConnectionBeginWhileItWaits) {
  create("orders");
  const auto reply = begin_request(kByName, fetch_request("orders", {{}}, 60'000));
  run(seconds(1));
  EXPECT_TRUE(turn_was_passed());
  EXPECT_FALSE(frame_is_held()) << "its memory is free for other requests";
  EXPECT_FALSE(reply->has_value());
  EXPECT_EQ(produce("orders"), 0) << "a request of the same connection";
  run(milliseconds(1));
  ASSERT_TRUE(reply->has_value());
  const auto response = response_of<Request>(kByName, **reply);
  EXPECT_EQ(response.responses.at(0).topic, "orders");
  EXPECT_EQ(offsets(partition(response)).size(), 1u);
}

TEST_F(FetchTest, NoWaitOutlastsItsClient) {
  create("orders");
  const auto reply = begin_request(kByName, fetch_request("orders", {{}}, 60'000));
  run(seconds(1));
  connection_.ending();
  run(milliseconds(1));
  ASSERT_TRUE(reply->has_value());
  EXPECT_TRUE(offsets(partition(response_of<Request>(kByName, **reply))).empty());
  const auto late = begin_request(kByName, fetch_request("orders", {{}}, 60'000));
  run(milliseconds(1));
  EXPECT_TRUE(late->has_value()) << "one that begins later does not wait";
}

TEST_F(FetchTest, AnswersEmptyWhenTheWaitIsOver) {
  create("orders");
  const auto reply = begin_request(kByName, fetch_request("orders", {{}}, 500));
  run(milliseconds(450));
  EXPECT_FALSE(reply->has_value());
  run(milliseconds(100));
  ASSERT_TRUE(reply->has_value());
  const auto response = response_of<Request>(kByName, **reply);
  EXPECT_EQ(partition(response).error_code, ErrorCode::kNone);
  EXPECT_TRUE(offsets(partition(response)).empty());
  EXPECT_EQ(partition(response).high_watermark, 0);
}

TEST_F(FetchTest, WaitsForAsManyBytesAsAreWanted) {
  create("orders");
  Request request = fetch_request("orders", {{}}, 60'000);
  request.min_bytes = 1500;
  const auto reply = begin_request(kByName, request);
  produce("orders", 1, 0, 1000);
  run(seconds(1));
  EXPECT_FALSE(reply->has_value()) << "a thousand bytes are not enough";
  produce("orders", 1, 0, 1000);
  run(seconds(1));
  ASSERT_TRUE(reply->has_value());
  EXPECT_EQ(offsets(partition(response_of<Request>(kByName, **reply))),
            (std::vector<std::int64_t>{0, 1}));
}

TEST_F(FetchTest, StaysWithinItsBoundsButForTheFirstBatch) {
  create("orders", 2);
  produce("orders", 1, 0, 1000);
  produce("orders", 1, 0, 1000);
  produce("orders", 1, 1, 1000);
  Request request = fetch_request("orders", {{0}, {1}});
  request.max_bytes = 500;
  const auto response = ask(kByName, request);
  EXPECT_EQ(offsets(partition(response, 0)), (std::vector<std::int64_t>{0}));
  EXPECT_TRUE(offsets(partition(response, 1)).empty());
  EXPECT_EQ(partition(response, 1).high_watermark, 1) << "the client sees that there is more";
  std::swap(request.topics[0].partitions[0], request.topics[0].partitions[1]);
  EXPECT_EQ(offsets(partition(ask(kByName, request), 0)), (std::vector<std::int64_t>{0}))
      << "and gets it when its turn comes";
}

TEST_F(FetchTest, TellsAtOnceWhatIsWrongWithAPartition) {
  create("orders");
  produce("orders", 2);
  const auto code = [this](std::int64_t offset, std::int32_t index = 0) {
    return partition(ask(kByName, fetch_request("orders", {{index, offset}}, 60'000))).error_code;
  };
  EXPECT_EQ(code(3), ErrorCode::kOffsetOutOfRange);
  EXPECT_EQ(code(-1), ErrorCode::kOffsetOutOfRange);
  EXPECT_EQ(code(0, 7), ErrorCode::kUnknownTopicOrPartition);
  const auto response = ask(kByName, fetch_request("nothing", {{}}, 60'000));
  EXPECT_EQ(partition(response).error_code, ErrorCode::kUnknownTopicOrPartition);
  EXPECT_EQ(partition(response).high_watermark, -1);
}

TEST_F(FetchTest, AnErrorOfOnePartitionDoesNotTakeTheRecordsOfAnother) {
  create("orders", 2);
  produce("orders", 1, 1);
  const auto response = ask(kByName, fetch_request("orders", {{0, 9}, {1, 0}}, 60'000));
  EXPECT_EQ(partition(response, 0).error_code, ErrorCode::kOffsetOutOfRange);
  EXPECT_EQ(offsets(partition(response, 1)), (std::vector<std::int64_t>{0}));
}

TEST_F(FetchTest, APartitionThatIsNamedTwiceIsReadOnceAsItIsAskedForLast) {
  create("orders", 2);
  produce("orders");
  produce("orders");
  Request request = fetch_request("orders", {{0, 9}, {1, 0}, {0, 0}});
  request.topics.push_back(request.topics[0]);
  request.topics.back().partitions = {{.partition = 0, .fetch_offset = 1}};
  request.topics.emplace_back();
  const auto response = ask(kByName, request);
  ASSERT_EQ(response.responses.size(), 1u);
  ASSERT_EQ(response.responses[0].partitions.size(), 2u);
  EXPECT_EQ(partition(response, 0).partition_index, 0);
  EXPECT_EQ(offsets(partition(response, 0)), (std::vector<std::int64_t>{1}));
  EXPECT_EQ(partition(response, 1).partition_index, 1);
}

TEST_F(FetchTest, WhatIsReadFromTheStoreDoesNotHoldUpWhatWasRead) {
  create("orders", 4);
  for (std::int32_t index = 0; index < 4; ++index) produce("orders", 1, index);
  blocks_.takes = milliseconds(300);
  for (std::int32_t index = 0; index < 3; ++index) forget_tail("orders", index);
  const Request request = fetch_request("orders", {{0}, {1}, {2}, {3}});
  const auto reply = begin_request(kByName, request);
  run(milliseconds(700));
  ASSERT_TRUE(reply->has_value()) << "half a second has passed after the second";
  const auto response = response_of<Request>(kByName, **reply);
  EXPECT_EQ(offsets(partition(response, 0)).size(), 1u);
  EXPECT_EQ(offsets(partition(response, 1)).size(), 1u);
  EXPECT_EQ(offsets(partition(response, 2)).size(), 0u);
  EXPECT_EQ(partition(response, 2).error_code, ErrorCode::kNone);
  EXPECT_EQ(partition(response, 2).high_watermark, 1) << "the client sees that there is more";
  EXPECT_EQ(offsets(partition(response, 3)).size(), 1u) << "it is in memory";
}

TEST_F(FetchTest, AStoreThatIsSlowIsReadAllTheSame) {
  create("orders", 2);
  produce("orders");
  blocks_.takes = seconds(3);
  forget_tail("orders", 0);
  const auto empty_first = begin_request(kByName, fetch_request("orders", {{1}, {0}}, 100));
  run(seconds(4));
  ASSERT_TRUE(empty_first->has_value());
  EXPECT_EQ(offsets(partition(response_of<Request>(kByName, **empty_first), 1)).size(), 1u);
}

TEST_F(FetchTest, ComparesLeaderEpochs) {
  create("orders");
  produce("orders");
  const auto code = [this](std::int32_t epoch) {
    Request request = fetch_request("orders", {{}});
    request.topics[0].partitions[0].current_leader_epoch = epoch;
    return partition(ask(kByName, request)).error_code;
  };
  EXPECT_EQ(code(-1), ErrorCode::kNone) << "the client does not say";
  EXPECT_EQ(code(1), ErrorCode::kNone);
  EXPECT_EQ(code(0), ErrorCode::kFencedLeaderEpoch);
  EXPECT_EQ(code(2), ErrorCode::kUnknownLeaderEpoch);
}

TEST_F(FetchTest, NeverOpensASession) {
  create("orders");
  produce("orders");
  Request request = fetch_request("orders", {{}});
  request.session_epoch = 0;
  EXPECT_EQ(ask(kByName, request).session_id, 0);
  request.session_id = 5;
  request.session_epoch = 1;
  const auto response = ask(kByName, request);
  EXPECT_EQ(response.error_code, ErrorCode::kFetchSessionIdNotFound);
  EXPECT_TRUE(response.responses.empty());
  for (const std::int32_t anew : {0, -1}) {
    request.session_epoch = anew;
    EXPECT_EQ(ask(kByName, request).responses.size(), 1u) << "it names all it wants";
  }
}

TEST_F(FetchTest, TheEndOfLeadershipEndsTheWait) {
  const auto topic = create("orders");
  const auto reply = begin_request(kByName, fetch_request("orders", {{}}, 60'000));
  run(seconds(1));
  EXPECT_FALSE(reply->has_value());
  std::vector<model::TopicPartition> keys{{topic->no, model::PartitionIndex(0)}};
  ASSERT_TRUE(wait(scope_->writer().release(std::move(keys))));
  run(seconds(1));
  ASSERT_TRUE(reply->has_value());
  EXPECT_EQ(partition(response_of<Request>(kByName, **reply)).error_code,
            ErrorCode::kNotLeaderOrFollower);
}

TEST_F(FetchTest, SaysWhoLeadsWhatIsLedElsewhereFromVersion16On) {
  const auto topic = create("orders");
  lead_elsewhere({topic->no, model::PartitionIndex(0)});
  Request request = fetch_request("", {{}});
  request.topics[0].topic_id = topic->id.bytes;
  EXPECT_TRUE(ask(15, request).node_endpoints.empty());
  const auto response = ask(16, request);
  EXPECT_EQ(partition(response).error_code, ErrorCode::kNotLeaderOrFollower);
  ASSERT_EQ(response.node_endpoints.size(), 1u);
  EXPECT_EQ(response.node_endpoints[0].host, "other");
  EXPECT_EQ(partition(response).current_leader.leader_id, response.node_endpoints[0].node_id);
}

TEST_F(FetchTest, ATopicThatIsMadeAgainUnderTheNameIsNotReadInItsPlace) {
  create("orders");
  produce("orders");
  ASSERT_TRUE(reply_budget_.try_reserve(reply_budget_.limit()));
  const auto reply = begin_request(kByName, fetch_request("orders", {{}}));
  run(milliseconds(10));  // the partition was found, and room for its records is waited for
  ASSERT_TRUE(wait(topic_service_.remove("orders")));
  create("orders");
  produce("orders");
  ASSERT_FALSE(reply->has_value());
  reply_budget_.release(reply_budget_.limit());
  run(seconds(1));
  ASSERT_TRUE(reply->has_value());
  const auto response = response_of<Request>(kByName, **reply);
  EXPECT_EQ(partition(response).error_code, ErrorCode::kNotLeaderOrFollower);
  EXPECT_TRUE(offsets(partition(response)).empty());
}

TEST_F(FetchTest, ReadCommittedHasNoAbortedTransactions) {
  create("orders");
  produce("orders");
  Request request = fetch_request("orders", {{}});
  request.isolation_level = 1;
  const auto response = ask(kByName, request);
  ASSERT_TRUE(partition(response).aborted_transactions.has_value());
  EXPECT_TRUE(partition(response).aborted_transactions->empty());
}

TEST_F(FetchTest, RecordsTakeRoomUntilTheReplyIsSent) {
  create("orders");
  produce("orders", 1, 0, 1000);
  auto reply = begin_request(kByName, fetch_request("orders", {{}}));
  run(seconds(1));
  ASSERT_TRUE(reply->has_value());
  EXPECT_GT(reply_budget_.used(), 1000u);
  EXPECT_LT(reply_budget_.used(), 1200u);
  reply->reset();
  EXPECT_EQ(reply_budget_.used(), 0u);
}

TEST_F(FetchTest, WithoutRoomAnAnswerIsEmptyAndComesLater) {
  create("orders");
  produce("orders");
  ASSERT_TRUE(reply_budget_.try_reserve(reply_budget_.limit()));
  const auto reply = begin_request(kByName, fetch_request("orders", {{}}));
  run(milliseconds(900));
  EXPECT_FALSE(reply->has_value()) << "others may send theirs";
  run(milliseconds(200));
  ASSERT_TRUE(reply->has_value());
  EXPECT_TRUE(offsets(partition(response_of<Request>(kByName, **reply))).empty());
  reply_budget_.release(reply_budget_.limit());
  EXPECT_EQ(fetched(fetch_request("orders", {{}})), (std::vector<std::int64_t>{0}));
}

}  // namespace
}  // namespace streamhouse::kafka
