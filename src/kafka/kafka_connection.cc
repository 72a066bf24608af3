#include "kafka/kafka_connection.h"

#include <algorithm>
#include <map>

#include "kafka/handlers.h"

namespace streamhouse::kafka {
namespace {

using net::FrameReply;
using runtime::Task;
using CallPtr = std::unique_ptr<Call>;

/// A request that names many things says something of each, or it is none of a client's: what it
/// takes in memory is bounded by its bytes, of which there is a bound for all connections.
constexpr std::size_t kMemoryOfAnyRequest = 1u << 20;
constexpr std::size_t kMemoryPerByte = 8;
constexpr std::size_t kMemoryMax = 64u << 20;

FrameReply close_connection() { return {.then = FrameReply::Then::kClose}; }

template <class Response>
FrameReply reply_with(const wire::RequestHeader& header, wire::Version version,
                      const Response& response) {
  auto frame = wire::encode_response(header.correlation_id, version, response);
  if (!frame) return close_connection();
  return {.chunks = std::move(frame->pieces)};
}

/// Reads a request, has it handled, writes the response.
template <class Request>
Task<FrameReply> serve(CallPtr call, base::BytesView body) {
  const std::size_t memory_max =
      std::min(kMemoryOfAnyRequest + kMemoryPerByte * body.size(), kMemoryMax);
  auto request = wire::decode<Request>(body, call->version(), {.memory_max = memory_max});
  if (!request) co_return close_connection();
  const auto response = co_await handle(*call, *std::move(request));
  if (response) co_return reply_with(call->header, call->version(), *response);
  co_return response.error() == NoResponse::kGoOn ? FrameReply{} : close_connection();
}

using Serve = Task<FrameReply> (*)(CallPtr call, base::BytesView body);

const std::map<wire::ApiKey, Serve>& served() {
  using enum wire::ApiKey;
  static const std::map<wire::ApiKey, Serve> by_key{
      {kProduce, &serve<wire::ProduceRequest>},
      {kInitProducerId, &serve<wire::InitProducerIdRequest>},
      {kFetch, &serve<wire::FetchRequest>},
      {kListOffsets, &serve<wire::ListOffsetsRequest>},
      {kMetadata, &serve<wire::MetadataRequest>},
      {kFindCoordinator, &serve<wire::FindCoordinatorRequest>},
      {kJoinGroup, &serve<wire::JoinGroupRequest>},
      {kSyncGroup, &serve<wire::SyncGroupRequest>},
      {kHeartbeat, &serve<wire::HeartbeatRequest>},
      {kLeaveGroup, &serve<wire::LeaveGroupRequest>},
      {kOffsetCommit, &serve<wire::OffsetCommitRequest>},
      {kOffsetFetch, &serve<wire::OffsetFetchRequest>},
      {kOffsetDelete, &serve<wire::OffsetDeleteRequest>},
      {kListGroups, &serve<wire::ListGroupsRequest>},
      {kDescribeGroups, &serve<wire::DescribeGroupsRequest>},
      {kDeleteGroups, &serve<wire::DeleteGroupsRequest>},
      {kApiVersions, &serve<wire::ApiVersionsRequest>},
      {kOffsetForLeaderEpoch, &serve<wire::OffsetForLeaderEpochRequest>},
      {kAlterPartitionReassignments, &serve<wire::AlterPartitionReassignmentsRequest>},
      {kCreateAcls, &serve<wire::CreateAclsRequest>},
      {kDeleteAcls, &serve<wire::DeleteAclsRequest>},
      {kDescribeAcls, &serve<wire::DescribeAclsRequest>},
      {kDescribeCluster, &serve<wire::DescribeClusterRequest>},
      {kDescribeLogDirs, &serve<wire::DescribeLogDirsRequest>},
      {kElectLeaders, &serve<wire::ElectLeadersRequest>},
      {kListPartitionReassignments, &serve<wire::ListPartitionReassignmentsRequest>},
      {kAlterConfigs, &serve<wire::AlterConfigsRequest>},
      {kDescribeConfigs, &serve<wire::DescribeConfigsRequest>},
      {kIncrementalAlterConfigs, &serve<wire::IncrementalAlterConfigsRequest>},
      {kListConfigResources, &serve<wire::ListConfigResourcesRequest>},
      {kDeleteRecords, &serve<wire::DeleteRecordsRequest>},
      {kCreatePartitions, &serve<wire::CreatePartitionsRequest>},
      {kCreateTopics, &serve<wire::CreateTopicsRequest>},
      {kDeleteTopics, &serve<wire::DeleteTopicsRequest>},
      {kDescribeTopicPartitions, &serve<wire::DescribeTopicPartitionsRequest>},
  };
  return by_key;
}

/// A client that asks for more than there is learns in the oldest form what there is.
FrameReply answer_unknown_version(const wire::RequestHeader& header) {
  const wire::Api& own = wire::api_of(wire::ApiKey::kApiVersions);
  wire::ApiVersionsResponse response{.error_code = wire::ErrorCode::kUnsupportedVersion};
  response.api_keys.push_back({.api_key = static_cast<std::int16_t>(own.key),
                               .min_version = own.shown.first(),
                               .max_version = own.shown.last()});
  return reply_with(header, 0, response);
}

}  // namespace

std::vector<const wire::Api*> served_apis() {
  std::vector<const wire::Api*> apis;
  for (const auto& [key, serve] : served()) apis.push_back(&wire::api_of(key));
  return apis;
}

Task<FrameReply> KafkaConnection::answer(net::Frame frame, net::Turn turn) {
  const auto request = wire::open_request(frame.bytes);
  if (!request || !services_) co_return close_connection();
  const auto found = served().find(request->api->key);
  if (found == served().end()) co_return close_connection();
  if (!request->is_known_version()) {
    const bool versions = request->api->key == wire::ApiKey::kApiVersions;
    co_return versions ? answer_unknown_version(request->header) : close_connection();
  }
  auto call = std::make_unique<Call>(*services_, client_, request->header, std::move(frame),
                                     std::move(turn));
  Task<FrameReply> serving = found->second(std::move(call), request->body);
  co_return co_await std::move(serving);
}

void KafkaConnection::ending() {
  client_.gone = true;
  client_.left.notify_all();
  if (services_) services_->membership.end_calls(client_.id);
}

}  // namespace streamhouse::kafka
