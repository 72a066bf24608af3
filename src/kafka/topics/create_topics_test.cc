// Goal: topics are made, grown and removed as a client asks, each with an answer of its own.
// Method: whole requests to a connection over the real services on the simulated runtime.

#include "kafka/topics/topic_lookup.h"
#include "service/topic_config.h"
#include "tests/kafka/kafka_world.h"

namespace streamhouse::kafka {
namespace {

using wire::ErrorCode;
using Create = wire::CreateTopicsRequest;
using Grow = wire::CreatePartitionsRequest;
using Delete = wire::DeleteTopicsRequest;

class TopicRequestsTest : public kafka_testing::KafkaWorld {
 protected:
  static Create::Topic wanted(wire::String name, std::int32_t partitions = 1) {
    return {.name = name, .num_partitions = partitions, .replication_factor = 1};
  }
  ErrorCode grow(wire::String name, std::int32_t count, bool check = false) {
    return ask(3, Grow{.topics = {{.name = name, .count = count}}, .validate_only = check})
        .results.at(0)
        .error_code;
  }
  std::int32_t partitions(std::string_view name) {
    const auto topic = topics_.find(name);
    return topic ? topic->partition_count : 0;
  }
};

TEST_F(TopicRequestsTest, MakesWhatCanBeMadeAndSaysWhatCannot) {
  const auto response = ask(7, Create{.topics = {wanted("a", 3), wanted("no/slash"), wanted("b")}});
  ASSERT_EQ(response.topics.size(), 3u);
  EXPECT_EQ(response.topics[0].error_code, ErrorCode::kNone);
  EXPECT_EQ(response.topics[0].num_partitions, 3);
  EXPECT_EQ(response.topics[0].replication_factor, 1);
  EXPECT_EQ(response.topics[0].topic_id, topics_.find("a")->id.bytes);
  EXPECT_EQ(response.topics[1].error_code, ErrorCode::kInvalidTopicException);
  EXPECT_EQ(response.topics[1].num_partitions, -1);
  EXPECT_TRUE(response.topics[1].error_message->contains("no/slash"));
  EXPECT_EQ(response.topics[2].error_code, ErrorCode::kNone);
  for (const std::int32_t count : {3, 0}) {
    const auto again = ask(7, Create{.topics = {wanted("a", count)}});
    EXPECT_EQ(again.topics.at(0).error_code, ErrorCode::kTopicAlreadyExists) << count;
  }
}

/// Kafka's own client fails where there is none, also of a topic that is only checked.
TEST_F(TopicRequestsTest, ShowsTheWholeConfigurationOfWhatItMakes) {
  for (const bool check : {true, false}) {
    Create request{.topics = {wanted("a")}, .validate_only = check};
    request.topics[0].configs = {{.name = "retention.ms", .value = "5"},
                                 {.name = "compression.type", .value = "zstd"}};
    const auto response = ask(7, request);
    ASSERT_TRUE(response.topics.at(0).configs);
    EXPECT_EQ(response.topics[0].configs->size(), service::topic_config_keys().size());
    std::string own;
    for (const auto& config : *response.topics[0].configs)
      if (config.config_source == 1)
        own += std::string(config.name) + "=" + std::string(*config.value) + " ";
    EXPECT_EQ(own, "compression.type=zstd retention.ms=5 ");
  }
  EXPECT_TRUE(ask(7, Create{.topics = {wanted("a")}}).topics.at(0).configs) << "none, not null";
}

/// Kafka's strings have at most 32,767 bytes.
TEST_F(TopicRequestsTest, ANameThatFillsItsFieldIsRefusedInWords) {
  const std::string name(32'767, 'x');
  const auto response = ask(7, Create{.topics = {wanted(name)}});
  EXPECT_EQ(response.topics.at(0).name, name);
  EXPECT_EQ(response.topics[0].error_code, ErrorCode::kInvalidTopicException);
  EXPECT_TRUE(response.topics[0].error_message->starts_with("topic name 'xxx"));
}

TEST_F(TopicRequestsTest, MakesNothingThatIsNamedTwice) {
  const auto response = ask(7, Create{.topics = {wanted("a"), wanted("b"), wanted("a", 2)}});
  ASSERT_EQ(response.topics.size(), 2u);
  EXPECT_EQ(response.topics[0].name, "a");
  EXPECT_EQ(response.topics[0].error_code, ErrorCode::kInvalidRequest);
  EXPECT_EQ(response.topics[1].error_code, ErrorCode::kNone);
  EXPECT_EQ(partitions("a"), 0);
  EXPECT_EQ(partitions("b"), 1);
}

TEST_F(TopicRequestsTest, ChecksWithoutMaking) {
  create("there");
  const auto response = ask(7, Create{.topics = {wanted("new", 5), wanted("there"), wanted("x", 0)},
                                      .validate_only = true});
  ASSERT_EQ(response.topics.size(), 3u);
  EXPECT_EQ(response.topics[0].error_code, ErrorCode::kNone);
  EXPECT_EQ(response.topics[0].num_partitions, 5);
  EXPECT_EQ(response.topics[1].error_code, ErrorCode::kTopicAlreadyExists);
  EXPECT_EQ(response.topics[2].error_code, ErrorCode::kInvalidPartitions);
  EXPECT_EQ(partitions("new"), 0);
}

TEST_F(TopicRequestsTest, TopicsGrow) {
  create("orders", 2);
  EXPECT_EQ(grow("orders", 4, true), ErrorCode::kNone);
  EXPECT_EQ(partitions("orders"), 2) << "it was only checked";
  EXPECT_EQ(grow("orders", 4), ErrorCode::kNone);
  EXPECT_EQ(partitions("orders"), 4);
  EXPECT_EQ(grow("orders", 4), ErrorCode::kInvalidPartitions);
  EXPECT_EQ(grow("nothing", 4), ErrorCode::kUnknownTopicOrPartition);
  EXPECT_EQ(produce("orders", 1, 3), 0) << "a new partition is led";
  const auto twice =
      ask(3, Grow{.topics = {{.name = "orders", .count = 5}, {.name = "orders", .count = 6}}});
  ASSERT_EQ(twice.results.size(), 1u);
  EXPECT_EQ(twice.results[0].error_code, ErrorCode::kInvalidRequest);
}

TEST_F(TopicRequestsTest, TopicsAreRemovedByNameAndById) {
  create("a");
  const auto b = create("b");
  EXPECT_EQ(ask(5, Delete{.topic_names = {"a"}}).responses.at(0).error_code, ErrorCode::kNone);
  EXPECT_EQ(partitions("a"), 0);
  Delete by_id{.topics = {{.name = std::nullopt, .topic_id = b->id.bytes}}};
  const auto removed = ask(6, by_id);
  EXPECT_EQ(removed.responses.at(0).error_code, ErrorCode::kNone);
  EXPECT_EQ(removed.responses[0].name, "b");
  EXPECT_EQ(partitions("b"), 0);
  const auto gone = ask(6, by_id);
  EXPECT_EQ(gone.responses.at(0).error_code, ErrorCode::kUnknownTopicId);
  EXPECT_FALSE(gone.responses[0].name.has_value());
  EXPECT_EQ(ask(5, Delete{.topic_names = {"a"}}).responses.at(0).error_code,
            ErrorCode::kUnknownTopicOrPartition);
  Delete both{.topics = {{.name = "a", .topic_id = b->id.bytes}}};
  EXPECT_EQ(ask(6, both).responses.at(0).error_code, ErrorCode::kInvalidRequest);
}

TEST_F(TopicRequestsTest, WhatIsNamedTwiceIsNotRemoved) {
  create("a");
  create("b");
  const auto response = ask(5, Delete{.topic_names = {"a", "b", "a"}});
  ASSERT_EQ(response.responses.size(), 3u);
  EXPECT_EQ(response.responses[0].name, "a");
  EXPECT_EQ(response.responses[0].error_code, ErrorCode::kInvalidRequest);
  EXPECT_EQ(response.responses[1].error_code, ErrorCode::kInvalidRequest);
  EXPECT_EQ(response.responses[2].error_code, ErrorCode::kNone);
  EXPECT_EQ(partitions("a"), 1);
  EXPECT_EQ(partitions("b"), 0);
  const auto id = topics_.find("a")->id.bytes;
  for (const std::optional<wire::String> other : {std::optional<wire::String>("a"), {}}) {
    const Delete both{.topics = {{.name = std::nullopt, .topic_id = id},
                                 {.name = other, .topic_id = other ? kNoTopicId : id}}};
    for (const auto& answered : ask(6, both).responses)
      EXPECT_EQ(answered.error_code, ErrorCode::kInvalidRequest);
    EXPECT_EQ(partitions("a"), 1);
  }
}

TEST_F(TopicRequestsTest, AnIdNeverMeansATopicThatHasTakenTheNameSince) {
  const auto old = create("a");
  // Another agent, of whose changes this one has not heard yet.
  ASSERT_TRUE(tables_.delete_topic(old->id));
  ASSERT_TRUE(wait(scope_->writer().release({{old->no, model::PartitionIndex(0)}})));
  ASSERT_TRUE(tables_.purge_topic(old->no));
  ASSERT_TRUE(tables_.create_topic({.name = "a", .id = {{42}}, .partition_count = 1}));
  ASSERT_EQ(topics_.find("a")->id, old->id) << "as it is known here";
  const Delete by_id{.topics = {{.name = std::nullopt, .topic_id = old->id.bytes}}};
  EXPECT_EQ(ask(6, by_id).responses.at(0).error_code, ErrorCode::kUnknownTopicId);
  EXPECT_EQ(tables_.get_topic("a")->id, model::TopicId{{42}});
  EXPECT_EQ(tables_.get_topic("a")->state, metadata::TopicState::kLive);
}

TEST_F(TopicRequestsTest, RecordsAreDeletedUpToAnOffset) {
  create("orders");
  produce("orders", 3);
  produce("orders", 2);
  const auto trim = [this](std::int64_t offset, wire::String topic = "orders") {
    const wire::DeleteRecordsRequest request{
        .topics = {{.name = topic, .partitions = {{.partition_index = 0, .offset = offset}}}}};
    return ask(2, request).topics.at(0).partitions.at(0);
  };
  EXPECT_EQ(trim(3).low_watermark, 3);
  EXPECT_EQ(trim(6).error_code, ErrorCode::kOffsetOutOfRange);
  EXPECT_EQ(trim(6).low_watermark, -1);
  EXPECT_EQ(trim(-1).low_watermark, 5) << "all there are";
  EXPECT_EQ(trim(0, "nothing").error_code, ErrorCode::kUnknownTopicOrPartition);
}

}  // namespace
}  // namespace streamhouse::kafka
