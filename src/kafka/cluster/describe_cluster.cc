#include "kafka/error_code.h"
#include "kafka/handlers.h"
#include "kafka/topics/authorized_operations.h"

namespace streamhouse::kafka {
namespace {

constexpr std::int8_t kBrokerEndpoints = 1;

}  // namespace

Answer<wire::DescribeClusterResponse> handle(Call& call, wire::DescribeClusterRequest request) {
  wire::DescribeClusterResponse response{.endpoint_type = request.endpoint_type};
  if (request.endpoint_type != kBrokerEndpoints) {
    response.error_code = wire::ErrorCode::kUnsupportedEndpointType;
    response.error_message = "there are brokers only";
    co_return response;
  }
  const auto brokers = co_await call.services.brokers.get();
  if (!brokers) {
    response.error_code = error_code(brokers.error());
    response.error_message = call.texts.keep(brokers.error().text);
    co_return response;
  }
  response.cluster_id = call.services.config.cluster_id;
  if (const Broker* controller = (*brokers)->controller())
    response.controller_id = controller->node_id;
  response.cluster_authorized_operations =
      operations(request.include_cluster_authorized_operations, kClusterOperations);
  for (const auto& [node_id, broker] : (*brokers)->all()) {
    wire::DescribeClusterResponse::Broker& one = response.brokers.emplace_back();
    one.broker_id = node_id;
    one.host = call.texts.keep(broker.address.host);
    one.port = broker.address.port;
    if (!broker.zone.empty()) one.rack = call.texts.keep(broker.zone);
  }
  co_return response;
}

}  // namespace streamhouse::kafka
