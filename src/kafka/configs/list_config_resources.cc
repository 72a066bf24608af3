#include <algorithm>
#include <array>
#include <cstdint>

#include "kafka/configs/config_resource.h"
#include "kafka/handlers.h"

namespace streamhouse::kafka {
namespace {

using Response = wire::ListConfigResourcesResponse;

bool is_wanted(const wire::ListConfigResourcesRequest& request, std::int8_t type) {
  const auto& types = request.resource_types;
  return types.empty() || std::ranges::find(types, type) != types.end();
}

/// Of Kafka's: topics, brokers, their loggers, client metrics, groups.
bool is_known(std::int8_t type) {
  constexpr std::array<std::int8_t, 5> kTypes = {2, 4, 8, 16, 32};
  return std::ranges::find(kTypes, type) != kTypes.end();
}

/// Before it was about client metrics alone: there are none.
constexpr wire::Version kAnyType = 1;

}  // namespace

Answer<Response> handle(Call& call, wire::ListConfigResourcesRequest request) {
  Response response;
  if (call.version() < kAnyType) co_return response;
  if (!std::ranges::all_of(request.resource_types, is_known)) {
    response.error_code = wire::ErrorCode::kUnsupportedVersion;
    co_return response;
  }
  if (is_wanted(request, kTopicResource)) {
    const auto topics = call.services.topics.list();
    for (const cluster::TopicPtr& topic : *topics)
      response.config_resources.push_back(
          {.resource_name = call.texts.keep(topic->name), .resource_type = kTopicResource});
  }
  if (!is_wanted(request, kBrokerResource)) co_return response;
  const auto brokers = co_await call.services.brokers.get();
  if (!brokers) co_return std::unexpected(NoResponse::kCloseConnection);
  for (const auto& [node_id, broker] : (*brokers)->all())
    response.config_resources.push_back({.resource_name = call.texts.keep(std::to_string(node_id)),
                                         .resource_type = kBrokerResource});
  co_return response;
}

}  // namespace streamhouse::kafka
