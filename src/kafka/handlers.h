#pragma once
/// \file  One handler for each API: what a request means to the services.
///
/// The next request of a connection begins when a handler has ended, or before that when it has
/// passed its turn on. That is what those do that wait for others (Fetch without records,
/// JoinGroup, SyncGroup, Produce for its commit): behind them on the connection may stand what they
/// wait for, or a heartbeat without which its member is taken for dead. They do so once what they
/// change has its place, so requests still count in their order. All others keep their turn to the
/// end, as in Kafka; what follows a commit of offsets sees it. What a response borrows lies in the
/// request's frame, is kept by the call or outlives it; who waits for other clients lets go of the
/// frame first.

#include "kafka/call.h"
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

namespace streamhouse::kafka {

Answer<wire::ProduceResponse> handle(Call& call, wire::ProduceRequest request);
Answer<wire::FetchResponse> handle(Call& call, wire::FetchRequest request);
Answer<wire::ListOffsetsResponse> handle(Call& call, wire::ListOffsetsRequest request);
Answer<wire::OffsetForLeaderEpochResponse> handle(Call& call,
                                                  wire::OffsetForLeaderEpochRequest request);
Answer<wire::InitProducerIdResponse> handle(Call& call, wire::InitProducerIdRequest request);
Answer<wire::MetadataResponse> handle(Call& call, wire::MetadataRequest request);
Answer<wire::FindCoordinatorResponse> handle(Call& call, wire::FindCoordinatorRequest request);
Answer<wire::JoinGroupResponse> handle(Call& call, wire::JoinGroupRequest request);
Answer<wire::SyncGroupResponse> handle(Call& call, wire::SyncGroupRequest request);
Answer<wire::HeartbeatResponse> handle(Call& call, wire::HeartbeatRequest request);
Answer<wire::LeaveGroupResponse> handle(Call& call, wire::LeaveGroupRequest request);
Answer<wire::OffsetCommitResponse> handle(Call& call, wire::OffsetCommitRequest request);
Answer<wire::OffsetFetchResponse> handle(Call& call, wire::OffsetFetchRequest request);
Answer<wire::OffsetDeleteResponse> handle(Call& call, wire::OffsetDeleteRequest request);
Answer<wire::ListGroupsResponse> handle(Call& call, wire::ListGroupsRequest request);
Answer<wire::DescribeGroupsResponse> handle(Call& call, wire::DescribeGroupsRequest request);
Answer<wire::DeleteGroupsResponse> handle(Call& call, wire::DeleteGroupsRequest request);
Answer<wire::ApiVersionsResponse> handle(Call& call, wire::ApiVersionsRequest request);
Answer<wire::AlterPartitionReassignmentsResponse> handle(
    Call& call, wire::AlterPartitionReassignmentsRequest request);
Answer<wire::CreateAclsResponse> handle(Call& call, wire::CreateAclsRequest request);
Answer<wire::DeleteAclsResponse> handle(Call& call, wire::DeleteAclsRequest request);
Answer<wire::DescribeAclsResponse> handle(Call& call, wire::DescribeAclsRequest request);
Answer<wire::DescribeClusterResponse> handle(Call& call, wire::DescribeClusterRequest request);
Answer<wire::DescribeLogDirsResponse> handle(Call& call, wire::DescribeLogDirsRequest request);
Answer<wire::ElectLeadersResponse> handle(Call& call, wire::ElectLeadersRequest request);
Answer<wire::ListPartitionReassignmentsResponse> handle(
    Call& call, wire::ListPartitionReassignmentsRequest request);
Answer<wire::AlterConfigsResponse> handle(Call& call, wire::AlterConfigsRequest request);
Answer<wire::DescribeConfigsResponse> handle(Call& call, wire::DescribeConfigsRequest request);
Answer<wire::IncrementalAlterConfigsResponse> handle(Call& call,
                                                     wire::IncrementalAlterConfigsRequest request);
Answer<wire::ListConfigResourcesResponse> handle(Call& call,
                                                 wire::ListConfigResourcesRequest request);
Answer<wire::DeleteRecordsResponse> handle(Call& call, wire::DeleteRecordsRequest request);
Answer<wire::CreatePartitionsResponse> handle(Call& call, wire::CreatePartitionsRequest request);
Answer<wire::CreateTopicsResponse> handle(Call& call, wire::CreateTopicsRequest request);
Answer<wire::DeleteTopicsResponse> handle(Call& call, wire::DeleteTopicsRequest request);
Answer<wire::DescribeTopicPartitionsResponse> handle(Call& call,
                                                     wire::DescribeTopicPartitionsRequest request);

}  // namespace streamhouse::kafka
