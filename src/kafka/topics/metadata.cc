#include <set>
#include <utility>

#include "kafka/error_code.h"
#include "kafka/handlers.h"
#include "kafka/topics/authorized_operations.h"
#include "kafka/topics/partition_leader.h"
#include "kafka/topics/topic_lookup.h"
#include "service/topic_config.h"

namespace streamhouse::kafka {
namespace {

using cluster::TopicPtr;
using runtime::Task;
using wire::ErrorCode;
using Asked = wire::MetadataRequest::Topic;
using Response = wire::MetadataResponse;

constexpr wire::Version kNullNames = 12;  ///< From here on topics are asked for by id, too.

/// What holds for every topic of one answer.
struct Wanted {
  bool create = false;
  bool operations = false;
  BrokersPtr brokers;
};

Task<Response::Topic> describe(Call& call, TopicPtr topic, Wanted wanted) {
  Response::Topic described{
      .name = call.texts.keep(topic->name),
      .topic_id = topic->id.bytes,
      .topic_authorized_operations = operations(wanted.operations, kTopicOperations)};
  const auto leaders = co_await find_leaders(call, topic, wanted.brokers);
  for (const PartitionLeader& leader : leaders) {
    const auto index = static_cast<std::int32_t>(described.partitions.size());
    described.partitions.push_back({.error_code = leader.error_code(),
                                    .partition_index = index,
                                    .leader_id = leader.node_id,
                                    .leader_epoch = leader.epoch,
                                    .replica_nodes = leader.replicas(),
                                    .isr_nodes = leader.replicas()});
  }
  co_return described;
}

/// The topic of that name, made if that is wanted.
Task<base::Result<TopicPtr>> find_or_create(Call& call, std::string name, bool create) {
  auto found = co_await call.services.topics.get(name);
  if (found || found.error().code != base::Errc::kTopicNotFound || !create) co_return found;
  service::TopicSpec spec{.name = name, .partition_count = call.services.config.default_partitions};
  auto created = co_await call.services.topic_service.create(std::move(spec));
  if (created || created.error().code != base::Errc::kTopicExists) co_return created;
  co_return co_await call.services.topics.read(std::move(name));  // made by another meanwhile
}

Response::Topic refusal(const Call& call, const Asked& asked, ErrorCode code) {
  Response::Topic refused{.error_code = code, .name = asked.name, .topic_id = asked.topic_id};
  if (call.version() < kNullNames) refused.name = asked.name.value_or("");
  return refused;
}

Task<Response::Topic> answer(Call& call, Asked asked, Wanted wanted) {
  const bool by_id = !asked.name || asked.topic_id != kNoTopicId;
  if (by_id && call.version() < kNullNames)
    co_return refusal(call, asked, ErrorCode::kInvalidRequest);
  if (by_id) {
    const TopicPtr topic = call.services.topics.find(model::TopicId{asked.topic_id});
    if (topic) co_return co_await describe(call, topic, std::move(wanted));
    co_return refusal(call, asked, ErrorCode::kUnknownTopicId);
  }
  const std::string name(*asked.name);
  if (!service::check_topic_name(name))
    co_return refusal(call, asked, ErrorCode::kInvalidTopicException);
  const auto topic = co_await find_or_create(call, name, wanted.create);
  if (topic) co_return co_await describe(call, *topic, std::move(wanted));
  co_return refusal(call, asked, error_code(topic.error(), ErrorAbout::kTopicMetadata));
}

void add_brokers(Call& call, const Brokers& brokers, Response& response) {
  for (const auto& [node_id, broker] : brokers.all()) {
    Response::Broker& one = response.brokers.emplace_back();
    one.node_id = node_id;
    one.host = call.texts.keep(broker.address.host);
    one.port = broker.address.port;
    if (!broker.zone.empty()) one.rack = call.texts.keep(broker.zone);
  }
  response.cluster_id = call.services.config.cluster_id;
  const Broker* controller = brokers.controller();
  response.controller_id = controller != nullptr ? controller->node_id : -1;
}

}  // namespace

Answer<wire::MetadataResponse> handle(Call& call, wire::MetadataRequest request) {
  Response response;
  const auto brokers = co_await call.services.brokers.get();
  if (!brokers) co_return std::unexpected(NoResponse::kCloseConnection);
  add_brokers(call, **brokers, response);
  response.cluster_authorized_operations =
      operations(request.include_cluster_authorized_operations, kClusterOperations);
  const Wanted wanted{
      .create = request.allow_auto_topic_creation && call.services.config.auto_create_topics,
      .operations = request.include_topic_authorized_operations,
      .brokers = *brokers};
  const bool all = !request.topics || (call.version() == 0 && request.topics->empty());
  if (all) {
    const auto topics = call.services.topics.list();
    for (const TopicPtr& topic : *topics) {
      auto described = co_await describe(call, topic, wanted);
      response.topics.push_back(std::move(described));
    }
    co_return response;
  }
  std::set<std::pair<wire::NullableString, wire::Uuid>> seen;
  for (const Asked& asked : *request.topics) {
    if (!seen.emplace(asked.name, asked.topic_id).second) continue;
    auto answered = co_await answer(call, asked, wanted);
    response.topics.push_back(std::move(answered));
  }
  co_return response;
}

}  // namespace streamhouse::kafka
