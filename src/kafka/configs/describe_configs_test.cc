// Goal: configurations are shown with their real defaults, and changed as they are shown.
// Method: whole requests to a connection over the real services on the simulated runtime.

#include "kafka/configs/config_resource.h"
#include "service/topic_config.h"
#include "tests/kafka/kafka_world.h"

namespace streamhouse::kafka {
namespace {

using wire::ErrorCode;
using Describe = wire::DescribeConfigsRequest;
using Response = wire::DescribeConfigsResponse;

class ConfigRequestsTest : public kafka_testing::KafkaWorld {
 protected:
  Response::Resource describe(std::int8_t type, wire::String name,
                              std::optional<std::vector<wire::String>> keys = {}) {
    const Describe request{.resources = {{.resource_type = type,
                                          .resource_name = name,
                                          .configuration_keys = std::move(keys)}},
                           .include_synonyms = true};
    return ask(4, request).results.at(0);
  }
  /// A key of topic `orders`.
  Response::Config config(wire::String key) {
    return describe(kTopicResource, "orders", std::vector{key}).configs.at(0);
  }
  ErrorCode set(wire::String key, wire::String value, bool check = false) {
    const wire::IncrementalAlterConfigsRequest request{
        .resources = {{.resource_type = kTopicResource,
                       .resource_name = "orders",
                       .configs = {{.name = key, .config_operation = 0, .value = value}}}},
        .validate_only = check};
    return ask(1, request).responses.at(0).error_code;
  }
};

TEST_F(ConfigRequestsTest, ATopicShowsEveryKeyWithItsValueAndWhereThatIsFrom) {
  create("orders", 1, {{"retention.ms", "5000"}, {"retention.bytes", "7000"}});
  const auto described = describe(kTopicResource, "orders");
  EXPECT_EQ(described.error_code, ErrorCode::kNone);
  EXPECT_EQ(described.configs.size(), service::topic_config_keys().size());
  EXPECT_EQ(config("retention.ms").value, "5000");
  EXPECT_EQ(config("retention.ms").config_source, 1);
  ASSERT_EQ(config("retention.ms").synonyms.size(), 1u);
  EXPECT_EQ(config("retention.ms").synonyms[0].name, "retention.ms");
  EXPECT_EQ(config("retention.bytes").value, "7000");
  ASSERT_EQ(config("retention.bytes").synonyms.size(), 2u);
  EXPECT_EQ(config("retention.bytes").synonyms[0].value, "7000");
  EXPECT_EQ(config("retention.bytes").synonyms[1].name, "log.retention.bytes");
  EXPECT_EQ(config("retention.bytes").synonyms[1].value, "-1") << "the default";
  EXPECT_EQ(config("max.message.bytes").value, "1048588");
  EXPECT_EQ(config("max.message.bytes").config_source, 5);
  ASSERT_EQ(config("max.message.bytes").synonyms.size(), 1u);
  EXPECT_EQ(config("max.message.bytes").synonyms[0].name, "message.max.bytes");
  EXPECT_TRUE(config("streamhouse.ack").synonyms.empty()) << "no broker of Kafka's has it";
  EXPECT_FALSE(config("max.message.bytes").read_only);
}

TEST_F(ConfigRequestsTest, WhatIsSetIsShownAndCounts) {
  create("orders");
  EXPECT_EQ(set("max.message.bytes", "100", true), ErrorCode::kNone);
  EXPECT_EQ(config("max.message.bytes").value, "1048588") << "it was only checked";
  EXPECT_EQ(set("max.message.bytes", "100"), ErrorCode::kNone);
  EXPECT_EQ(config("max.message.bytes").value, "100");
  auto batch = core_testing::produced_batch({.value_bytes = 500});
  const auto produced = ask(9, produce_request("orders", std::move(batch)));
  EXPECT_EQ(produced.responses.at(0).partition_responses.at(0).error_code,
            ErrorCode::kMessageTooLarge);
  EXPECT_EQ(set("max.message.bytes", "many"), ErrorCode::kInvalidConfig);
  EXPECT_EQ(config("max.message.bytes").value, "100");
}

TEST_F(ConfigRequestsTest, ReplacingForgetsWhatIsNotNamed) {
  create("orders", 1, {{"retention.ms", "5000"}, {"segment.bytes", "2097152"}});
  const wire::AlterConfigsRequest request{
      .resources = {{.resource_type = kTopicResource,
                     .resource_name = "orders",
                     .configs = {{.name = "flush.ms", .value = "10"}}}}};
  EXPECT_EQ(ask(2, request).responses.at(0).error_code, ErrorCode::kNone);
  EXPECT_EQ(config("retention.ms").value, "-1");
  EXPECT_EQ(config("segment.bytes").config_source, 5);
  EXPECT_EQ(config("flush.ms").value, "10");
}

TEST_F(ConfigRequestsTest, BrokersShowWhatTheyWereStartedWith) {
  config_.default_partitions = 7;
  const std::string node = std::to_string(node_id_of("agent-1"));
  const auto described =
      describe(kBrokerResource, node, std::vector<wire::String>{"num.partitions"});
  ASSERT_EQ(described.configs.size(), 1u);
  EXPECT_EQ(described.configs[0].value, "7");
  EXPECT_TRUE(described.configs[0].read_only);
  config_.group_initial_rebalance_delay = std::chrono::seconds(4);
  const auto delay = describe(kBrokerResource, node,
                              std::vector<wire::String>{"group.initial.rebalance.delay.ms"});
  EXPECT_EQ(delay.configs.at(0).value, "4000");
  EXPECT_EQ(describe(kBrokerResource, "77").error_code, ErrorCode::kInvalidRequest);
  EXPECT_EQ(describe(kBrokerResource, "x").error_code, ErrorCode::kInvalidRequest);
  const wire::AlterConfigsRequest request{
      .resources = {{.resource_type = kBrokerResource, .resource_name = "1", .configs = {}}}};
  EXPECT_EQ(ask(2, request).responses.at(0).error_code, ErrorCode::kInvalidRequest);
}

TEST_F(ConfigRequestsTest, UnknownResourcesAreRefused) {
  EXPECT_EQ(describe(kTopicResource, "nothing").error_code, ErrorCode::kUnknownTopicOrPartition);
  EXPECT_EQ(describe(kTopicResource, "no/topic").error_code, ErrorCode::kInvalidTopicException);
  EXPECT_EQ(describe(16, "metrics").error_code, ErrorCode::kInvalidRequest);
  EXPECT_EQ(set("retention.ms", "1"), ErrorCode::kUnknownTopicOrPartition);
}

TEST_F(ConfigRequestsTest, ResourcesAreListedByType) {
  create("a");
  create("b");
  const auto list = [this](std::vector<std::int8_t> types) {
    return ask(1, wire::ListConfigResourcesRequest{.resource_types = std::move(types)})
        .config_resources.size();
  };
  EXPECT_EQ(list({}), 3u);
  EXPECT_EQ(list({kTopicResource}), 2u);
  EXPECT_EQ(list({kBrokerResource}), 1u);
  EXPECT_EQ(list({16}), 0u);
  const wire::ListConfigResourcesRequest unknown{.resource_types = {kTopicResource, 5}};
  EXPECT_EQ(ask(1, unknown).error_code, ErrorCode::kUnsupportedVersion);
}

}  // namespace
}  // namespace streamhouse::kafka
