#include "groups/group_shard.h"
#include "kafka/handlers.h"

namespace streamhouse::kafka {
namespace {

using runtime::Task;
using wire::ErrorCode;
using Response = wire::FindCoordinatorResponse;

constexpr std::int8_t kGroup = 0;
constexpr std::int8_t kTransactionalId = 1;
constexpr wire::Version kManyKeys = 4;

Response::Coordinator refusal(wire::String key, ErrorCode code, wire::String text) {
  return {.key = key, .node_id = -1, .port = -1, .error_code = code, .error_message = text};
}

/// The leader of the group's shard of the offsets topic.
Task<Response::Coordinator> coordinator(Call& call, std::int8_t kind, wire::String key) {
  // A code after which no client looks on for a coordinator.
  if (kind == kTransactionalId)
    co_return refusal(key, ErrorCode::kTransactionalIdAuthorizationFailed,
                      "transactions are not served");
  if (kind != kGroup)
    co_return refusal(key, ErrorCode::kInvalidRequest, "only consumer groups have coordinators");
  const auto unknown = refusal(key, ErrorCode::kCoordinatorNotAvailable, "it has no leader now");
  const cluster::TopicPtr offsets = call.services.topics.find(groups::kOffsetsTopic);
  const auto brokers = co_await call.services.brokers.get();
  if (!offsets || !brokers) co_return unknown;
  const auto leaders = co_await call.services.leaders.get(offsets->no);
  if (!leaders) co_return unknown;
  const auto shard = groups::shard_of(key, offsets->partition_count);
  const Broker* broker = (*brokers)->at_grpc_address((*leaders)->address(shard));
  if (broker == nullptr) co_return unknown;
  co_return Response::Coordinator{.key = key,
                                  .node_id = broker->node_id,
                                  .host = call.texts.keep(broker->address.host),
                                  .port = broker->address.port};
}

}  // namespace

Answer<Response> handle(Call& call, wire::FindCoordinatorRequest request) {
  Response response;
  if (call.version() < kManyKeys) {
    const auto found = co_await coordinator(call, request.key_type, request.key);
    response.error_code = found.error_code;
    response.error_message = found.error_message;
    response.node_id = found.node_id;
    response.host = found.host;
    response.port = found.port;
    co_return response;
  }
  for (const wire::String key : request.coordinator_keys) {
    auto found = co_await coordinator(call, request.key_type, key);
    response.coordinators.push_back(found);
  }
  co_return response;
}

}  // namespace streamhouse::kafka
