// Goal: clients find brokers, topics and leaders, by name and by id, and topics that are not there
// are made where that is wanted.
// Method: whole requests to a connection over the real services on the simulated runtime.

#include "tests/kafka/kafka_world.h"

namespace streamhouse::kafka {
namespace {

using wire::ErrorCode;
using Request = wire::MetadataRequest;
using Pages = wire::DescribeTopicPartitionsRequest;

class MetadataTest : public kafka_testing::KafkaWorld {
 protected:
  static Request by_name(wire::String name, bool create = false) {
    return {.topics = std::vector<Request::Topic>{{.topic_id = {}, .name = name}},
            .allow_auto_topic_creation = create};
  }
  static Request by_id(const model::TopicId& id) {
    return {.topics = std::vector<Request::Topic>{{.topic_id = id.bytes, .name = std::nullopt}}};
  }
  static constexpr wire::Version kNewest = 13;
};

TEST_F(MetadataTest, NamesBrokersTopicsAndLeaders) {
  const auto topic = create("orders", 2);
  const auto response = ask(kNewest, Request{.topics = std::nullopt});
  ASSERT_EQ(response.brokers.size(), 1u);
  EXPECT_EQ(response.brokers[0].host, "127.0.0.1");
  EXPECT_EQ(response.brokers[0].port, 9092);
  EXPECT_EQ(response.controller_id, response.brokers[0].node_id);
  EXPECT_EQ(response.cluster_id, "a-cluster");
  ASSERT_EQ(response.topics.size(), 1u) << "internal topics are not shown";
  EXPECT_EQ(response.topics[0].name, "orders");
  EXPECT_EQ(response.topics[0].topic_id, topic->id.bytes);
  ASSERT_EQ(response.topics[0].partitions.size(), 2u);
  const auto& partition = response.topics[0].partitions[1];
  EXPECT_EQ(partition.partition_index, 1);
  EXPECT_EQ(partition.leader_id, response.brokers[0].node_id);
  EXPECT_EQ(partition.leader_epoch, 1);
  EXPECT_EQ(partition.replica_nodes, (std::vector{partition.leader_id}));
  EXPECT_EQ(response.topics[0].topic_authorized_operations, wire::kOperationsNotAsked);
}

TEST_F(MetadataTest, WhatIsNamedTwiceIsShownOnce) {
  create("orders");
  const Request twice{.topics = {{{.name = "orders"}, {.name = "nothing"}, {.name = "orders"}}}};
  EXPECT_EQ(ask(9, twice).topics.size(), 2u);
}

TEST_F(MetadataTest, AllIsNullButInVersion0) {
  create("orders");
  EXPECT_EQ(ask(0, Request{}).topics.size(), 1u);
  EXPECT_EQ(ask(1, Request{}).topics.size(), 0u);
  EXPECT_EQ(ask(1, Request{.topics = std::nullopt}).topics.size(), 1u);
}

TEST_F(MetadataTest, FindsTopicsByIdFromVersion12On) {
  const auto topic = create("orders");
  EXPECT_EQ(ask(12, by_id(topic->id)).topics.at(0).name, "orders");
  const auto unknown = ask(12, by_id(model::TopicId{{42}}));
  EXPECT_EQ(unknown.topics.at(0).error_code, ErrorCode::kUnknownTopicId);
  EXPECT_FALSE(unknown.topics[0].name.has_value());
  EXPECT_EQ(ask(10, by_id(topic->id)).topics.at(0).error_code, ErrorCode::kInvalidRequest);
}

TEST_F(MetadataTest, MakesATopicIfBothSidesWantThat) {
  config_.default_partitions = 3;
  EXPECT_EQ(ask(kNewest, by_name("orders")).topics.at(0).error_code,
            ErrorCode::kUnknownTopicOrPartition);
  config_.auto_create_topics = false;
  EXPECT_EQ(ask(kNewest, by_name("orders", true)).topics.at(0).error_code,
            ErrorCode::kUnknownTopicOrPartition);
  config_.auto_create_topics = true;
  run(core_testing::seconds(3));  // it is known for a while that there is none
  const auto made = ask(kNewest, by_name("orders", true));
  EXPECT_EQ(made.topics.at(0).error_code, ErrorCode::kNone);
  ASSERT_EQ(made.topics[0].partitions.size(), 3u);
  EXPECT_GE(made.topics[0].partitions[0].leader_id, 0) << "it is led already";
  EXPECT_EQ(ask(kNewest, by_name("no/topic", true)).topics.at(0).error_code,
            ErrorCode::kInvalidTopicException);
  EXPECT_EQ(ask(kNewest, by_name("__consumer_offsets", true)).topics.at(0).error_code,
            ErrorCode::kUnknownTopicOrPartition);
}

TEST_F(MetadataTest, SaysWhatIsAllowedToWhoAsks) {
  create("orders");
  Request request = by_name("orders");
  request.include_topic_authorized_operations = true;
  const auto response = ask(kNewest, request);
  EXPECT_EQ(response.topics.at(0).topic_authorized_operations, 3576) << "as a Kafka says it";
}

TEST_F(MetadataTest, PartitionsAreDescribedInPages) {
  create("a", 3);
  create("b", 2);
  Pages request{.response_partition_limit = 4};
  const auto first = ask(0, request);
  ASSERT_EQ(first.topics.size(), 2u);
  EXPECT_EQ(first.topics[0].partitions.size(), 3u);
  EXPECT_EQ(first.topics[1].partitions.size(), 1u);
  ASSERT_TRUE(first.next_cursor);
  EXPECT_EQ(first.next_cursor->topic_name, "b");
  EXPECT_EQ(first.next_cursor->partition_index, 1);
  request.cursor = first.next_cursor;
  const auto second = ask(0, request);
  ASSERT_EQ(second.topics.size(), 1u);
  EXPECT_EQ(second.topics[0].partitions.at(0).partition_index, 1);
  EXPECT_FALSE(second.next_cursor);
  const auto unknown = ask(0, Pages{.topics = {{.name = "nothing"}}});
  EXPECT_EQ(unknown.topics.at(0).error_code, ErrorCode::kUnknownTopicOrPartition);
  for (const wire::PartitionCursor& nowhere :
       {wire::PartitionCursor{.topic_name = "a", .partition_index = -1},
        wire::PartitionCursor{.topic_name = "b", .partition_index = 0}}) {
    const auto refused = ask(0, Pages{.topics = {{.name = "a"}}, .cursor = nowhere});
    EXPECT_EQ(refused.topics.at(0).error_code, ErrorCode::kInvalidRequest);
    EXPECT_TRUE(refused.topics[0].partitions.empty());
  }
}

TEST_F(MetadataTest, TheClusterIsDescribed) {
  const auto response = ask(2, wire::DescribeClusterRequest{});
  EXPECT_EQ(response.error_code, ErrorCode::kNone);
  EXPECT_EQ(response.cluster_id, "a-cluster");
  ASSERT_EQ(response.brokers.size(), 1u);
  EXPECT_EQ(response.brokers[0].broker_id, node_id_of("agent-1"));
  EXPECT_EQ(response.controller_id, node_id_of("agent-1"));
  const auto controllers = ask(2, wire::DescribeClusterRequest{.endpoint_type = 2});
  EXPECT_EQ(controllers.error_code, ErrorCode::kUnsupportedEndpointType);
}

TEST_F(MetadataTest, CoordinatorsAreLeadersOfTheGroupsShard) {
  run(core_testing::seconds(5));  // shards are led
  wire::FindCoordinatorRequest request{.coordinator_keys = {"group-1", "group-2"}};
  const auto response = ask(4, request);
  ASSERT_EQ(response.coordinators.size(), 2u);
  EXPECT_EQ(response.coordinators[1].key, "group-2");
  EXPECT_EQ(response.coordinators[1].error_code, ErrorCode::kNone);
  EXPECT_EQ(response.coordinators[1].port, 9092);
  const auto classic = ask(0, wire::FindCoordinatorRequest{.key = "group-1"});
  EXPECT_EQ(classic.node_id, node_id_of("agent-1"));
  request.key_type = 1;
  EXPECT_EQ(ask(4, request).coordinators.at(0).error_code,
            ErrorCode::kTransactionalIdAuthorizationFailed)
      << "clients give up at once";
  request.key_type = 2;
  EXPECT_EQ(ask(6, request).coordinators.at(0).error_code, ErrorCode::kInvalidRequest);
}

}  // namespace
}  // namespace streamhouse::kafka
