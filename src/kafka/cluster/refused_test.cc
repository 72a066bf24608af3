// Goal: clients that ask for what there is not here are told so as a Kafka tells them: with one
// replica, without an authorizer. Sizes are told of what is stored.
// Method: whole requests to a connection over the real services on the simulated runtime.

#include "tests/kafka/kafka_world.h"

namespace streamhouse::kafka {
namespace {

using wire::ErrorCode;

class ClusterRequestsTest : public kafka_testing::KafkaWorld {
 protected:
  /// Of partition 0 of topic `orders`.
  std::int32_t leader() {
    const wire::MetadataRequest request{.topics = {{{.name = "orders"}}}};
    return ask(9, request).topics.at(0).partitions.at(0).leader_id;
  }
};

TEST_F(ClusterRequestsTest, ThereIsNothingToElect) {
  create("orders");
  wire::ElectLeadersRequest request;
  EXPECT_TRUE(ask(2, request).replica_election_results.empty());
  request.topic_partitions = {
      {{.topic = "orders", .partitions = {0, 5}}, {.topic = "nothing", .partitions = {0}}}};
  const auto response = ask(2, request);
  EXPECT_EQ(response.error_code, ErrorCode::kNone);
  const auto& results = response.replica_election_results;
  ASSERT_EQ(results.size(), 2u);
  EXPECT_EQ(results[0].partition_result.at(0).error_code, ErrorCode::kElectionNotNeeded);
  EXPECT_EQ(results[0].partition_result.at(1).error_code, ErrorCode::kUnknownTopicOrPartition);
  EXPECT_EQ(results[1].partition_result.at(0).error_code, ErrorCode::kUnknownTopicOrPartition);
}

TEST_F(ClusterRequestsTest, ThereIsNothingToReassign) {
  create("orders");
  wire::AlterPartitionReassignmentsRequest request;
  request.topics = {{.name = "orders",
                     .partitions = {{.partition_index = 0, .replicas = {{1, 2}}},
                                    {.partition_index = 0, .replicas = std::nullopt},
                                    {.partition_index = 0, .replicas = {{leader()}}},
                                    {.partition_index = 1, .replicas = std::nullopt},
                                    {.partition_index = 0, .replicas = {{}}}}},
                    {.name = "nothing", .partitions = {{.partition_index = 0, .replicas = {}}}}};
  const auto response = ask(1, request);
  const auto& answered = response.responses.at(0).partitions;
  ASSERT_EQ(answered.size(), 5u);
  EXPECT_EQ(answered[0].error_code, ErrorCode::kInvalidReplicaAssignment);
  EXPECT_EQ(answered[1].error_code, ErrorCode::kNoReassignmentInProgress);
  EXPECT_EQ(answered[2].error_code, ErrorCode::kNone) << "it is there already";
  EXPECT_EQ(answered[3].error_code, ErrorCode::kUnknownTopicOrPartition);
  EXPECT_EQ(answered[4].error_code, ErrorCode::kInvalidReplicaAssignment) << "none, not null";
  EXPECT_EQ(response.responses.at(1).partitions.at(0).error_code,
            ErrorCode::kUnknownTopicOrPartition);
  EXPECT_TRUE(ask(0, wire::ListPartitionReassignmentsRequest{}).topics.empty());
}

TEST_F(ClusterRequestsTest, ThereIsNoAuthorizer) {
  EXPECT_EQ(ask(3, wire::DescribeAclsRequest{}).error_code, ErrorCode::kSecurityDisabled);
  const auto created = ask(3, wire::CreateAclsRequest{.creations = {{}, {}}});
  ASSERT_EQ(created.results.size(), 2u);
  EXPECT_EQ(created.results[1].error_code, ErrorCode::kSecurityDisabled);
  const auto removed = ask(3, wire::DeleteAclsRequest{.filters = {{}}});
  EXPECT_EQ(removed.filter_results.at(0).error_code, ErrorCode::kSecurityDisabled);
}

TEST_F(ClusterRequestsTest, TheObjectStoreIsTheOnlyLogDirectory) {
  create("orders", 2);
  produce("orders", 1, 1, 1000);
  const auto response = ask(4, wire::DescribeLogDirsRequest{.topics = std::nullopt});
  ASSERT_EQ(response.results.size(), 1u);
  ASSERT_EQ(response.results[0].topics.size(), 1u);
  const auto& partitions = response.results[0].topics[0].partitions;
  ASSERT_EQ(partitions.size(), 2u);
  EXPECT_EQ(partitions[0].partition_size, 0);
  EXPECT_GT(partitions[1].partition_size, 1000);
  EXPECT_EQ(response.results[0].total_bytes, -1) << "nobody knows";
  const wire::DescribeLogDirsRequest one{.topics = {{{.topic = "orders", .partitions = {1, 7}},
                                                     {.topic = "nothing", .partitions = {0}}}}};
  const auto some = ask(4, one);
  ASSERT_EQ(some.results.at(0).topics.size(), 1u);
  EXPECT_EQ(some.results[0].topics[0].partitions.size(), 1u);
}

}  // namespace
}  // namespace streamhouse::kafka
