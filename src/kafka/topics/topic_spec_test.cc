// Goal: what a client wants a topic to be is taken as Kafka takes it or refused with Kafka's codes.
// Method: one thing wrong at a time.

#include "kafka/topics/topic_spec.h"

#include <gtest/gtest.h>

namespace streamhouse::kafka {
namespace {

using wire::ErrorCode;
using Asked = wire::CreateTopicsRequest::Topic;

Asked asked(std::int32_t partitions, std::int16_t replicas = 1) {
  return {.name = "orders", .num_partitions = partitions, .replication_factor = replicas};
}

ErrorCode code_of(const Asked& topic) {
  const auto spec = topic_spec(topic, 4);
  return spec ? ErrorCode::kNone : spec.error().code;
}

/// Of the partitions that a topic gets; -1 if it is refused.
std::int32_t partitions_of(const Asked& topic) {
  const auto spec = topic_spec(topic, 4);
  return spec ? spec->partition_count : -1;
}

TEST(TopicSpecTest, CountsPartitionsThatAreCountedAssignedOrLeftOpen) {
  EXPECT_EQ(partitions_of(asked(7, 3)), 7) << "any number of replicas";
  EXPECT_EQ(partitions_of(asked(-1, -1)), 4);
  Asked assigned = asked(-1, -1);
  assigned.assignments = {{.partition_index = 1, .broker_ids = {5}},
                          {.partition_index = 0, .broker_ids = {5, 6}}};
  EXPECT_EQ(partitions_of(assigned), 2);
}

TEST(TopicSpecTest, RefusesNumbersThatMakeNoSense) {
  EXPECT_EQ(code_of(asked(0)), ErrorCode::kInvalidPartitions);
  EXPECT_EQ(code_of(asked(-2)), ErrorCode::kInvalidPartitions);
  EXPECT_EQ(code_of(asked(100'001)), ErrorCode::kInvalidPartitions);
  EXPECT_EQ(code_of(asked(1, 0)), ErrorCode::kInvalidReplicationFactor);
  EXPECT_EQ(code_of(asked(1, -2)), ErrorCode::kInvalidReplicationFactor);
}

TEST(TopicSpecTest, RefusesAssignmentsThatDoNotAddUp) {
  Asked assigned = asked(-1, -1);
  assigned.assignments = {{.partition_index = 0, .broker_ids = {5}},
                          {.partition_index = 2, .broker_ids = {5}}};
  EXPECT_EQ(code_of(assigned), ErrorCode::kInvalidReplicaAssignment) << "1 is missing";
  assigned.assignments[1].partition_index = 0;
  EXPECT_EQ(code_of(assigned), ErrorCode::kInvalidReplicaAssignment) << "0 twice";
  assigned.assignments[1] = {.partition_index = 1, .broker_ids = {}};
  EXPECT_EQ(code_of(assigned), ErrorCode::kInvalidReplicaAssignment) << "no replica";
  assigned.assignments[1].broker_ids = {5};
  EXPECT_EQ(code_of(assigned), ErrorCode::kNone);
  assigned.num_partitions = 2;
  EXPECT_EQ(code_of(assigned), ErrorCode::kInvalidRequest) << "counted and assigned";
}

TEST(TopicSpecTest, RefusesNamesAndConfigurations) {
  Asked topic = asked(1);
  topic.name = "no/slash";
  EXPECT_EQ(code_of(topic), ErrorCode::kInvalidTopicException);
  topic.name = "orders";
  topic.configs = {{.name = "retention.ms", .value = "1000"},
                   {.name = "segment.bytes", .value = "1048576"}};
  const auto spec = topic_spec(topic, 1);
  ASSERT_TRUE(spec);
  EXPECT_EQ(spec->config.at("retention.ms"), "1000");
  topic.configs[0].value = "soon";
  EXPECT_EQ(code_of(topic), ErrorCode::kInvalidConfig);
  topic.configs[0].value = std::nullopt;
  EXPECT_EQ(code_of(topic), ErrorCode::kInvalidConfig);
  topic.configs[0] = {.name = "no.such.key", .value = "1"};
  EXPECT_EQ(code_of(topic), ErrorCode::kInvalidConfig);
}

TEST(TopicSpecTest, TopicsOnlyGrow) {
  const auto code = [](std::int32_t count, std::optional<std::size_t> assigned = {}) {
    wire::CreatePartitionsRequest::Topic topic{.name = "orders", .count = count};
    if (assigned) topic.assignments.emplace(*assigned);
    const auto checked = check_growth(topic, 3);
    return checked ? ErrorCode::kNone : checked.error().code;
  };
  EXPECT_EQ(code(4), ErrorCode::kNone);
  EXPECT_EQ(code(3), ErrorCode::kInvalidPartitions);
  EXPECT_EQ(code(2), ErrorCode::kInvalidPartitions);
  EXPECT_EQ(code(100'001), ErrorCode::kInvalidPartitions);
  EXPECT_EQ(code(5, 2), ErrorCode::kNone);
  EXPECT_EQ(code(5, 1), ErrorCode::kInvalidReplicaAssignment);
}

}  // namespace
}  // namespace streamhouse::kafka
