#include "wire/api.h"

#include <array>

#include "base/check.h"
#include "wire/messages/cluster/alter_partition_reassignments.h"
#include "wire/messages/cluster/api_versions.h"
#include "wire/messages/cluster/create_acls.h"
#include "wire/messages/cluster/delete_acls.h"
#include "wire/messages/cluster/describe_acls.h"
#include "wire/messages/cluster/describe_cluster.h"
#include "wire/messages/cluster/describe_log_dirs.h"
#include "wire/messages/cluster/elect_leaders.h"
#include "wire/messages/cluster/list_partition_reassignments.h"
#include "wire/messages/configs/alter_configs.h"
#include "wire/messages/configs/describe_configs.h"
#include "wire/messages/configs/incremental_alter_configs.h"
#include "wire/messages/configs/list_config_resources.h"
#include "wire/messages/groups/delete_groups.h"
#include "wire/messages/groups/describe_groups.h"
#include "wire/messages/groups/find_coordinator.h"
#include "wire/messages/groups/heartbeat.h"
#include "wire/messages/groups/join_group.h"
#include "wire/messages/groups/leave_group.h"
#include "wire/messages/groups/list_groups.h"
#include "wire/messages/groups/offset_commit.h"
#include "wire/messages/groups/offset_delete.h"
#include "wire/messages/groups/offset_fetch.h"
#include "wire/messages/groups/sync_group.h"
#include "wire/messages/records/delete_records.h"
#include "wire/messages/records/fetch.h"
#include "wire/messages/records/init_producer_id.h"
#include "wire/messages/records/list_offsets.h"
#include "wire/messages/records/offset_for_leader_epoch.h"
#include "wire/messages/records/produce.h"
#include "wire/messages/topics/create_partitions.h"
#include "wire/messages/topics/create_topics.h"
#include "wire/messages/topics/delete_topics.h"
#include "wire/messages/topics/describe_topic_partitions.h"
#include "wire/messages/topics/metadata.h"

namespace streamhouse::wire {
namespace {

constexpr std::size_t kApiKeyEnd = 76;

/// `shown` is `versions` unless it is said.
template <class Request, class Response>
consteval Api api(std::string_view name, Versions versions, Versions flexible,
                  Versions shown = {}) {
  static_assert(Request::kKey == Response::kKey);
  return {.key = Request::kKey,
          .name = name,
          .versions = versions,
          .flexible = flexible,
          .shown = shown.any() ? shown : versions,
          .request = &TypeOf<Request>::kType,
          .response = &TypeOf<Response>::kType};
}

constexpr Api kApis[] = {
    api<ProduceRequest, ProduceResponse>("Produce", "3-13", "9+", "0-13"),
    api<FetchRequest, FetchResponse>("Fetch", "4-18", "12+"),
    api<ListOffsetsRequest, ListOffsetsResponse>("ListOffsets", "1-11", "6+"),
    api<MetadataRequest, MetadataResponse>("Metadata", "0-13", "9+"),
    api<OffsetCommitRequest, OffsetCommitResponse>("OffsetCommit", "2-10", "8+"),
    api<OffsetFetchRequest, OffsetFetchResponse>("OffsetFetch", "1-10", "6+"),
    api<FindCoordinatorRequest, FindCoordinatorResponse>("FindCoordinator", "0-6", "3+"),
    api<JoinGroupRequest, JoinGroupResponse>("JoinGroup", "0-9", "6+"),
    api<HeartbeatRequest, HeartbeatResponse>("Heartbeat", "0-4", "4+"),
    api<LeaveGroupRequest, LeaveGroupResponse>("LeaveGroup", "0-5", "4+"),
    api<SyncGroupRequest, SyncGroupResponse>("SyncGroup", "0-5", "4+"),
    api<DescribeGroupsRequest, DescribeGroupsResponse>("DescribeGroups", "0-6", "5+"),
    api<ListGroupsRequest, ListGroupsResponse>("ListGroups", "0-5", "3+"),
    api<ApiVersionsRequest, ApiVersionsResponse>("ApiVersions", "0-4", "3+"),
    api<CreateTopicsRequest, CreateTopicsResponse>("CreateTopics", "2-7", "5+"),
    api<DeleteTopicsRequest, DeleteTopicsResponse>("DeleteTopics", "1-6", "4+"),
    api<DeleteRecordsRequest, DeleteRecordsResponse>("DeleteRecords", "0-2", "2+"),
    api<InitProducerIdRequest, InitProducerIdResponse>("InitProducerId", "0-6", "2+", "0-5"),
    api<OffsetForLeaderEpochRequest, OffsetForLeaderEpochResponse>("OffsetForLeaderEpoch", "2-4",
                                                                   "4+"),
    api<DescribeAclsRequest, DescribeAclsResponse>("DescribeAcls", "1-3", "2+"),
    api<CreateAclsRequest, CreateAclsResponse>("CreateAcls", "1-3", "2+"),
    api<DeleteAclsRequest, DeleteAclsResponse>("DeleteAcls", "1-3", "2+"),
    api<DescribeConfigsRequest, DescribeConfigsResponse>("DescribeConfigs", "1-4", "4+"),
    api<AlterConfigsRequest, AlterConfigsResponse>("AlterConfigs", "0-2", "2+"),
    api<DescribeLogDirsRequest, DescribeLogDirsResponse>("DescribeLogDirs", "1-4", "2+"),
    api<CreatePartitionsRequest, CreatePartitionsResponse>("CreatePartitions", "0-3", "2+"),
    api<DeleteGroupsRequest, DeleteGroupsResponse>("DeleteGroups", "0-2", "2+"),
    api<ElectLeadersRequest, ElectLeadersResponse>("ElectLeaders", "0-2", "2+"),
    api<IncrementalAlterConfigsRequest, IncrementalAlterConfigsResponse>("IncrementalAlterConfigs",
                                                                         "0-1", "1+"),
    api<AlterPartitionReassignmentsRequest, AlterPartitionReassignmentsResponse>(
        "AlterPartitionReassignments", "0-1", "0+"),
    api<ListPartitionReassignmentsRequest, ListPartitionReassignmentsResponse>(
        "ListPartitionReassignments", "0", "0+"),
    api<OffsetDeleteRequest, OffsetDeleteResponse>("OffsetDelete", "0", {}),
    api<DescribeClusterRequest, DescribeClusterResponse>("DescribeCluster", "0-2", "0+"),
    api<ListConfigResourcesRequest, ListConfigResourcesResponse>("ListConfigResources", "0-1",
                                                                 "0+"),
    api<DescribeTopicPartitionsRequest, DescribeTopicPartitionsResponse>("DescribeTopicPartitions",
                                                                         "0", "0+"),
};

/// The position of each key in kApis.
constexpr auto kPositions = [] {
  std::array<const Api*, kApiKeyEnd> positions = {};
  for (const Api& api : kApis) positions.at(static_cast<std::size_t>(api.key)) = &api;
  return positions;
}();

}  // namespace

std::span<const Api> apis() { return kApis; }

const Api* find_api(std::int16_t key) {
  const auto position = static_cast<std::uint16_t>(key);  // negative: beyond the end
  return position < kPositions.size() ? kPositions[position] : nullptr;
}

const Api& api_of(ApiKey key) {
  const Api* api = find_api(static_cast<std::int16_t>(key));
  SH_CHECK(api != nullptr, "every ApiKey has its Api");
  return *api;
}

}  // namespace streamhouse::wire
