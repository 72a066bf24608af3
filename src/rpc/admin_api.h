#pragma once
/// \file  AdminApi: topics, groups, stored segments and the cluster, AdminService of the proto.

#include "rpc/core_bridge.h"
#include "streamhouse/v1/streamhouse.grpc.pb.h"

namespace streamhouse::rpc {

/// Methods that stream answers send them encoded, like those of StreamApi.
using AdminApiBase = v1::AdminService::WithRawCallbackMethod_DumpSegment<
    v1::AdminService::WithRawCallbackMethod_Fsck<v1::AdminService::CallbackService>>;

/// Threading: called by gRPC, on its threads.
class AdminApi final : public AdminApiBase {
 public:
  // Not inline: the bases that the proto generates take seconds to instantiate.
  explicit AdminApi(CoreBridge& bridge);
  ~AdminApi() override;

  using Context = grpc::CallbackServerContext;
  using Unary = grpc::ServerUnaryReactor;

  Unary* CreateTopic(Context*, const v1::CreateTopicRequest*, v1::CreateTopicResponse*) override;
  Unary* DeleteTopic(Context*, const v1::DeleteTopicRequest*, v1::DeleteTopicResponse*) override;
  Unary* GetTopic(Context*, const v1::GetTopicRequest*, v1::GetTopicResponse*) override;
  Unary* ListTopics(Context*, const v1::ListTopicsRequest*, v1::ListTopicsResponse*) override;
  Unary* UpdateTopicConfig(Context*, const v1::UpdateTopicConfigRequest*,
                           v1::UpdateTopicConfigResponse*) override;
  Unary* DeleteRecords(Context*, const v1::DeleteRecordsRequest*,
                       v1::DeleteRecordsResponse*) override;

  Unary* EnsureGroup(Context*, const v1::EnsureGroupRequest*, v1::EnsureGroupResponse*) override;
  Unary* ListGroups(Context*, const v1::ListGroupsRequest*, v1::ListGroupsResponse*) override;
  Unary* GetGroup(Context*, const v1::GetGroupRequest*, v1::GetGroupResponse*) override;
  Unary* DeleteGroup(Context*, const v1::DeleteGroupRequest*, v1::DeleteGroupResponse*) override;

  Unary* ListSegments(Context*, const v1::ListSegmentsRequest*, v1::ListSegmentsResponse*) override;
  grpc::ServerWriteReactor<grpc::ByteBuffer>* DumpSegment(Context*,
                                                          const grpc::ByteBuffer*) override;
  Unary* ListObjects(Context*, const v1::ListObjectsRequest*, v1::ListObjectsResponse*) override;
  grpc::ServerWriteReactor<grpc::ByteBuffer>* Fsck(Context*, const grpc::ByteBuffer*) override;

  Unary* GetCluster(Context*, const v1::GetClusterRequest*, v1::GetClusterResponse*) override;
  Unary* ListAgents(Context*, const v1::ListAgentsRequest*, v1::ListAgentsResponse*) override;
  Unary* ListLeases(Context*, const v1::ListLeasesRequest*, v1::ListLeasesResponse*) override;

 private:
  CoreBridge& bridge_;
};

}  // namespace streamhouse::rpc
