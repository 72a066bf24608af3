// What there is nothing to do for: replicas, and rights.

#include "kafka/error_code.h"
#include "kafka/handlers.h"
#include "kafka/records/leader_hints.h"

namespace streamhouse::kafka {
namespace {

using runtime::Task;
using wire::ErrorCode;

constexpr wire::String kNoAuthorizer = "there is no authorizer";
constexpr wire::String kOneReplica = "a partition has one replica, which agents choose themselves";

/// A partition that is there has its only replica as its leader already.
Task<ErrorCode> election(Call& call, std::string topic, std::int32_t index) {
  const auto found = co_await call.services.topics.get(std::move(topic));
  const bool there = found && index >= 0 && index < (*found)->partition_count;
  co_return there ? ErrorCode::kElectionNotNeeded : ErrorCode::kUnknownTopicOrPartition;
}

/// Of a partition to these replicas; without any, of one that is to be given up. Where its leader
/// is it is already.
Task<ErrorCode> reassignment(LeaderHints& leaders, cluster::TopicPtr topic, std::int32_t index,
                             std::optional<std::vector<std::int32_t>> replicas) {
  if (index < 0 || index >= topic->partition_count) co_return ErrorCode::kUnknownTopicOrPartition;
  if (!replicas) co_return ErrorCode::kNoReassignmentInProgress;
  const PartitionLeader leader = co_await leaders.find(std::move(topic), index);
  if (leader.node_id < 0) co_return ErrorCode::kLeaderNotAvailable;
  const bool there = *replicas == leader.replicas();
  co_return there ? ErrorCode::kNone : ErrorCode::kInvalidReplicaAssignment;
}

}  // namespace

/// Asked for all, those that need no election are left out.
Answer<wire::ElectLeadersResponse> handle(Call& call, wire::ElectLeadersRequest request) {
  wire::ElectLeadersResponse response;
  if (!request.topic_partitions) co_return response;
  for (const auto& topic : *request.topic_partitions) {
    wire::ElectLeadersResponse::Topic answered{.topic = topic.topic, .partition_result = {}};
    for (const std::int32_t index : topic.partitions) {
      const ErrorCode code = co_await election(call, std::string(topic.topic), index);
      answered.partition_result.push_back({.partition_id = index, .error_code = code});
    }
    response.replica_election_results.push_back(std::move(answered));
  }
  co_return response;
}

Answer<wire::AlterPartitionReassignmentsResponse> handle(
    Call& call, wire::AlterPartitionReassignmentsRequest request) {
  wire::AlterPartitionReassignmentsResponse response{.allow_replication_factor_change =
                                                         request.allow_replication_factor_change};
  LeaderHints leaders(call);
  for (const auto& topic : request.topics) {
    auto& answered = response.responses.emplace_back();
    answered.name = topic.name;
    const auto found = co_await call.services.topics.get(std::string(topic.name));
    for (const auto& partition : topic.partitions) {
      ErrorCode code = found ? ErrorCode::kNone : error_code(found.error());
      if (found)
        code =
            co_await reassignment(leaders, *found, partition.partition_index, partition.replicas);
      const bool elsewhere = code == ErrorCode::kInvalidReplicaAssignment;
      answered.partitions.push_back(
          {.partition_index = partition.partition_index,
           .error_code = code,
           .error_message = elsewhere ? wire::NullableString(kOneReplica) : std::nullopt});
    }
  }
  co_return response;
}

Answer<wire::ListPartitionReassignmentsResponse> handle(
    Call& /*call*/, wire::ListPartitionReassignmentsRequest /*request*/) {
  co_return wire::ListPartitionReassignmentsResponse{};
}

Answer<wire::DescribeAclsResponse> handle(Call& /*call*/, wire::DescribeAclsRequest /*request*/) {
  co_return wire::DescribeAclsResponse{.error_code = ErrorCode::kSecurityDisabled,
                                       .error_message = kNoAuthorizer};
}

Answer<wire::CreateAclsResponse> handle(Call& /*call*/, wire::CreateAclsRequest request) {
  wire::CreateAclsResponse response;
  response.results.resize(request.creations.size(), {.error_code = ErrorCode::kSecurityDisabled,
                                                     .error_message = kNoAuthorizer});
  co_return response;
}

Answer<wire::DeleteAclsResponse> handle(Call& /*call*/, wire::DeleteAclsRequest request) {
  wire::DeleteAclsResponse response;
  response.filter_results.resize(
      request.filters.size(),
      {.error_code = ErrorCode::kSecurityDisabled, .error_message = kNoAuthorizer});
  co_return response;
}

}  // namespace streamhouse::kafka
