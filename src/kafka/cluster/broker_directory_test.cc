// Goal: agents with a Kafka listener are brokers with numbers that stay. Method: lists of agents as
// the store answers them, and a real session of an agent in the store.

#include "kafka/cluster/broker_directory.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "metadata/wrappers/fault_metadata_store.h"
#include "tests/core/session_world.h"

namespace streamhouse::kafka {
namespace {

metadata::Agent agent(const std::string& id, const std::string& kafka,
                      const std::string& zone = "") {
  metadata::Agent agent;
  agent.info = {.agent_id = id, .address = id + ":9090", .zone = zone};
  if (!kafka.empty()) agent.info.metadata[kKafkaAddressKey] = kafka;
  return agent;
}

TEST(BrokersTest, AreTheAgentsThatHaveAKafkaListener) {
  const Brokers brokers({agent("a", "h1:9092", "z1"), agent("b", ""), agent("c", "no port"),
                         agent("d", "[::1]:9093")});
  ASSERT_EQ(brokers.all().size(), 2u);
  const Broker* a = brokers.at_grpc_address("a:9090");
  ASSERT_NE(a, nullptr);
  EXPECT_EQ(a->node_id, node_id_of("a"));
  EXPECT_EQ(net::to_string(a->address), "h1:9092");
  EXPECT_EQ(a->zone, "z1");
  EXPECT_EQ(net::to_string(brokers.at_grpc_address("d:9090")->address), "[::1]:9093");
  EXPECT_EQ(brokers.at_grpc_address("b:9090"), nullptr);
  EXPECT_EQ(brokers.at_grpc_address(""), nullptr);
}

TEST(BrokersTest, TheOneWithTheLeastNumberIsNamedController) {
  const Brokers brokers({agent("a", "h:1"), agent("b", "h:2"), agent("c", "h:3")});
  EXPECT_EQ(brokers.controller()->node_id,
            std::min({node_id_of("a"), node_id_of("b"), node_id_of("c")}));
  EXPECT_EQ(Brokers({}).controller(), nullptr);
}

TEST(BrokersTest, NumbersAreNeverNegativeAndStay) {
  EXPECT_EQ(node_id_of("host-9090"), node_id_of("host-9090"));
  for (int i = 0; i < 1000; ++i) EXPECT_GE(node_id_of("agent-" + std::to_string(i)), 0);
  EXPECT_EQ(node_id_of("agent-1"), 371586634) << "clients keep it: it may not change";
}

class BrokerDirectoryTest : public core_testing::SessionWorld {
 protected:
  std::size_t brokers() { return (*wait(directory_.get()))->all().size(); }

  metadata::MetadataFaults faults_db_{world_, 6};
  metadata::FaultMetadataStore database_{metadata_, agent_, faults_db_};
  cluster::TopicCatalog topics_{agent_, metadata_, group_};
  service::ClusterService cluster_{database_, topics_};
  BrokerDirectory directory_{agent_, cluster_, group_};
};

TEST_F(BrokerDirectoryTest, WhileTheStoreDoesNotAnswerTheLastOnesAreKnown) {
  faults_db_.hold(metadata::Operation::kListAgents);
  EXPECT_EQ(outcome(wait(directory_.get())), "unavailable") << "there were none";
  faults_db_.release();
  run(core_testing::milliseconds(1100));
  EXPECT_EQ(brokers(), 1u);
  faults_db_.set_rates({.refused = 1});
  run(core_testing::seconds(30));
  EXPECT_EQ(brokers(), 1u);
  faults_db_.stop();
  faults_db_.hold(metadata::Operation::kListAgents);
  run(core_testing::seconds(30));
  EXPECT_EQ(brokers(), 1u);
}

TEST_F(BrokerDirectoryTest, ThoseWhoAskAtOnceAskTheStoreOnce) {
  faults_db_.set_rates({.stalled = 1});
  faults_db_.set_times({.stall_max = core_testing::milliseconds(500)});
  std::vector<core_testing::Pending<base::Result<BrokersPtr>>> asking;
  for (int i = 0; i < 100; ++i) asking.push_back(begin(directory_.get()));
  run(core_testing::seconds(1));
  for (const auto& each : asking) EXPECT_EQ(outcome(each), "ok");
  EXPECT_EQ(faults_db_.count(metadata::MetadataFault::kStalled), 1u);
}

TEST_F(BrokerDirectoryTest, IsAtMostASecondOld) {
  EXPECT_EQ(brokers(), 1u) << "the agent of this world";
  metadata::AgentInfo other{.agent_id = "other", .address = "other:9090"};
  other.metadata[kKafkaAddressKey] = "other:9092";
  ASSERT_TRUE(
      tables_.open_session({.id = model::SessionId(77), .agent = other, .timeout_ms = 5000}));
  EXPECT_EQ(brokers(), 1u) << "known for a second";
  run(core_testing::milliseconds(1100));
  EXPECT_EQ(brokers(), 2u);
  group_.spawn(session_.keep_alive());
  run(core_testing::seconds(6));
  EXPECT_EQ(brokers(), 1u) << "its heartbeat has expired";
}

}  // namespace
}  // namespace streamhouse::kafka
