// Goal: a Produce is answered partition by partition, in the order of the connection, and not at
// all where the client wants no answer.
// Method: whole requests to a connection over the real services on the simulated runtime.

#include "tests/kafka/kafka_world.h"

namespace streamhouse::kafka {
namespace {

using core_testing::produced_batch;
using net::FrameReply;
using wire::ErrorCode;
using Request = wire::ProduceRequest;

class ProduceTest : public kafka_testing::KafkaWorld {
 protected:
  /// Of the only partition of a response.
  static wire::ProduceResponse::Partition only(const wire::ProduceResponse& response) {
    return response.responses.at(0).partition_responses.at(0);
  }
};

TEST_F(ProduceTest, AnswersWithTheOffsetOfTheFirstRecord) {
  create("orders");
  EXPECT_EQ(produce("orders", 3), 0);
  const auto answered = only(ask(9, produce_request("orders", produced_batch({.count = 2}))));
  EXPECT_EQ(answered.error_code, ErrorCode::kNone);
  EXPECT_EQ(answered.base_offset, 3);
  EXPECT_EQ(answered.log_append_time_ms, -1) << "the producer's time is kept";
  EXPECT_EQ(answered.log_start_offset, 0);
}

TEST_F(ProduceTest, EachPartitionSucceedsOrFailsAlone) {
  create("orders", 2);
  Request request = produce_request("orders", produced_batch());
  request.topic_data[0].partition_data.push_back(
      {.index = 1, .records = wire::Records{.pieces = {base::Bytes(base::ByteVector(61))}}});
  request.topic_data[0].partition_data.push_back(
      {.index = 2, .records = wire::Records{.pieces = {base::Bytes(produced_batch())}}});
  Request other = produce_request("nothing", produced_batch());
  request.topic_data.push_back(other.topic_data[0]);
  const auto response = ask(9, request);
  const auto& answered = response.responses.at(0).partition_responses;
  ASSERT_EQ(answered.size(), 3u);
  EXPECT_EQ(answered[0].error_code, ErrorCode::kNone);
  EXPECT_EQ(answered[1].error_code, ErrorCode::kCorruptMessage);
  EXPECT_EQ(answered[1].base_offset, -1);
  EXPECT_TRUE(answered[1].error_message->contains("length")) << *answered[1].error_message;
  EXPECT_EQ(answered[2].error_code, ErrorCode::kUnknownTopicOrPartition);
  EXPECT_EQ(response.responses.at(1).name, "nothing");
  EXPECT_EQ(response.responses.at(1).partition_responses.at(0).error_code,
            ErrorCode::kUnknownTopicOrPartition);
}

TEST_F(ProduceTest, SaysWhoLeadsWhatIsLedElsewhereFromVersion10On) {
  const auto topic = create("orders", 2);
  lead_elsewhere({topic->no, model::PartitionIndex(1)});
  const auto old = ask(9, produce_request("orders", produced_batch(), 1));
  EXPECT_EQ(only(old).error_code, ErrorCode::kNotLeaderOrFollower);
  const auto response = ask(10, produce_request("orders", produced_batch(), 1));
  EXPECT_EQ(only(response).error_code, ErrorCode::kNotLeaderOrFollower);
  ASSERT_EQ(response.node_endpoints.size(), 1u);
  EXPECT_EQ(response.node_endpoints[0].host, "other");
  EXPECT_EQ(response.node_endpoints[0].port, 9092);
  EXPECT_EQ(response.node_endpoints[0].rack, "b");
  EXPECT_EQ(only(response).current_leader.leader_id, response.node_endpoints[0].node_id);
  EXPECT_EQ(only(response).current_leader.leader_epoch, 3);
  const auto led = ask(10, produce_request("orders", produced_batch(), 0));
  EXPECT_EQ(only(led).current_leader.leader_id, -1);
  EXPECT_TRUE(led.node_endpoints.empty());
}

TEST_F(ProduceTest, FindsTopicsByIdFromVersion13On) {
  const auto topic = create("orders");
  Request request = produce_request("", produced_batch());
  request.topic_data[0].topic_id = topic->id.bytes;
  const auto response = ask(13, request);
  EXPECT_EQ(only(response).error_code, ErrorCode::kNone);
  EXPECT_EQ(response.responses[0].topic_id, topic->id.bytes);
  request.topic_data[0].topic_id[0] ^= 1;
  EXPECT_EQ(only(ask(13, request)).error_code, ErrorCode::kUnknownTopicId);
  request.topic_data[0].topic_id = {};
  EXPECT_EQ(only(ask(13, request)).error_code, ErrorCode::kUnknownTopicId);
}

TEST_F(ProduceTest, WhatIsForAnIdGoesToNoOtherTopicOfThatName) {
  create("orders");
  const auto owner = std::make_shared<base::ByteVector>(produced_batch());
  service::ProduceCall call{.topic = "orders",
                            .partition = model::PartitionIndex(0),
                            .key_hash = {},
                            .batch = {.owner = owner, .bytes = *owner},
                            .topic_id = model::TopicId{{42}}};
  const auto accepted = wait(produce_.accept(std::move(call)));
  ASSERT_FALSE(accepted);
  EXPECT_EQ(accepted.error().code, base::Errc::kTopicNotFound);
}

TEST_F(ProduceTest, TheNextRequestMayBeginWhenTheBatchesHaveTheirPlaces) {
  create("orders");
  faults_.hold(objectstore::StoreOperation::kPut);
  const auto first = begin_request(9, produce_request("orders", produced_batch({.count = 2})));
  run(core_testing::seconds(1));
  EXPECT_TRUE(turn_was_passed());
  EXPECT_FALSE(first->has_value()) << "it is not durable yet";
  const auto second = begin_request(9, produce_request("orders", produced_batch()));
  run(core_testing::seconds(1));
  EXPECT_TRUE(turn_was_passed());
  EXPECT_FALSE(second->has_value());
  faults_.release();
  run(core_testing::seconds(1));
  ASSERT_TRUE(*first && *second);
  EXPECT_EQ(only(response_of<Request>(9, **first)).base_offset, 0);
  EXPECT_EQ(only(response_of<Request>(9, **second)).base_offset, 2);
}

TEST_F(ProduceTest, ClientsWithoutAcknowledgementGetNoAnswer) {
  create("orders");
  Request request = produce_request("orders", produced_batch({.count = 2}));
  request.acks = 0;
  const auto reply = begin_request(9, request);
  run(core_testing::seconds(1));
  ASSERT_TRUE(reply->has_value());
  EXPECT_TRUE((*reply)->chunks.empty());
  EXPECT_EQ((*reply)->then, FrameReply::Then::kGoOn);
  EXPECT_EQ(produce("orders"), 2) << "the records were taken";
}

TEST_F(ProduceTest, ARefusalOfClientsWithoutAcknowledgementClosesTheirConnection) {
  Request request = produce_request("nothing", produced_batch());
  request.acks = 0;
  const auto reply = begin_request(9, request);
  run(core_testing::seconds(1));
  ASSERT_TRUE(reply->has_value());
  EXPECT_TRUE((*reply)->chunks.empty());
  EXPECT_EQ((*reply)->then, FrameReply::Then::kClose);
}

TEST_F(ProduceTest, RefusesAcknowledgementsThatDoNotExist) {
  create("orders");
  Request request = produce_request("orders", produced_batch());
  for (const int acks : {-2, 2, 100}) {
    request.acks = static_cast<std::int16_t>(acks);
    EXPECT_EQ(only(ask(9, request)).error_code, ErrorCode::kInvalidRequiredAcks) << acks;
  }
  EXPECT_EQ(produce("orders"), 0) << "none of them was taken";
}

TEST_F(ProduceTest, StampsTheLeadersTimeWhereTheTopicWantsIt) {
  create("orders", 1, {{"message.timestamp.type", "LogAppendTime"}});
  const auto answered = only(ask(9, produce_request("orders", produced_batch())));
  EXPECT_EQ(answered.error_code, ErrorCode::kNone);
  EXPECT_GE(answered.log_append_time_ms, 0);
}

TEST_F(ProduceTest, WaitsWhileTheBufferIsFull) {
  create("orders");
  ASSERT_TRUE(budget_.try_reserve(budget_.limit()));
  const auto reply = begin_request(9, produce_request("orders", produced_batch()));
  run(core_testing::seconds(5));
  EXPECT_FALSE(reply->has_value());
  EXPECT_FALSE(turn_was_passed()) << "its connection is not read on";
  budget_.release(budget_.limit());
  run(core_testing::seconds(1));
  ASSERT_TRUE(reply->has_value());
  EXPECT_EQ(only(response_of<Request>(9, **reply)).error_code, ErrorCode::kNone);
}

TEST_F(ProduceTest, OneWaitIsForAllPartitionsAndEndsWithTheClient) {
  create("orders", 3);
  ASSERT_TRUE(budget_.try_reserve(budget_.limit()));
  Request request = produce_request("orders", produced_batch());
  for (const std::int32_t index : {1, 2})
    request.topic_data[0].partition_data.push_back(
        produce_request("orders", produced_batch(), index).topic_data[0].partition_data[0]);
  const auto reply = begin_request(9, request);
  run(core_testing::seconds(31));
  ASSERT_TRUE(reply->has_value()) << "the produce timeout is thirty seconds";
  const auto response = response_of<Request>(9, **reply);
  for (const auto& partition : response.responses.at(0).partition_responses)
    EXPECT_EQ(partition.error_code, ErrorCode::kNotEnoughReplicas) << partition.index;
  connection_.ending();
  const auto late = begin_request(9, request);
  run(core_testing::milliseconds(10));
  EXPECT_TRUE(late->has_value()) << "nobody waits for the answer";
}

TEST_F(ProduceTest, WhileTheDatabaseDoesNotAnswerProducersTryAgain) {
  create("orders");
  faults_db_.set_rates({.throttled = 1});
  const auto answered = only(ask(9, produce_request("unheard-of", produced_batch())));
  EXPECT_EQ(answered.error_code, ErrorCode::kNotEnoughReplicas);
}

}  // namespace
}  // namespace streamhouse::kafka
