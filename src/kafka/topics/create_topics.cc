#include <set>

#include "kafka/configs/described_config.h"
#include "kafka/handlers.h"
#include "kafka/topics/topic_spec.h"

namespace streamhouse::kafka {
namespace {

using runtime::Task;
using wire::ErrorCode;
using Asked = wire::CreateTopicsRequest;
using Response = wire::CreateTopicsResponse;

constexpr std::int16_t kReplicas = 1;

Response::Topic refusal(Call& call, wire::String name, const Refusal& why) {
  return {.name = name,
          .error_code = why.code,
          .error_message = call.texts.keep(why.text),
          .configs = std::vector<Response::Config>()};
}

/// Of a topic whose deletion is not over, the name is still taken.
Refusal why_not_created(base::Error error) {
  if (error.code == base::Errc::kConflict)
    return {.code = ErrorCode::kTopicAlreadyExists, .text = std::move(error.text)};
  return refuse(std::move(error));
}

/// With its whole configuration: Kafka's own client takes none for a fault of the broker.
Response::Topic created(Call& call, wire::String name, const metadata::Topic& topic) {
  Response::Topic made{.name = name,
                       .topic_id = topic.id.bytes,
                       .num_partitions = topic.partition_count,
                       .replication_factor = kReplicas,
                       .configs = std::vector<Response::Config>()};
  for (const DescribedConfig& config : describe_topic(topic))
    made.configs->push_back({.name = call.texts.keep(config.name),
                             .value = call.texts.keep(config.value),
                             .config_source = static_cast<std::int8_t>(config.source)});
  return made;
}

/// As it would be.
base::Result<metadata::Topic> topic_of(service::TopicSpec spec) {
  metadata::Topic topic{.name = std::move(spec.name), .partition_count = spec.partition_count};
  SH_TRY(topic.retention_ms, service::take_retention(spec.config, spec.retention_ms));
  topic.config = std::move(spec.config);
  return topic;
}

Task<Response::Topic> check_only(Call& call, wire::String name, service::TopicSpec spec) {
  const auto known = co_await call.services.topics.read(spec.name);
  if (known)
    co_return refusal(
        call, name, {.code = ErrorCode::kTopicAlreadyExists, .text = "topic exists: " + spec.name});
  if (known.error().code != base::Errc::kTopicNotFound)
    co_return refusal(call, name, refuse(known.error()));
  const auto topic = topic_of(std::move(spec));
  if (!topic) co_return refusal(call, name, refuse(topic.error()));
  co_return created(call, name, *topic);
}

Task<Response::Topic> create(Call& call, Asked::Topic asked, bool check) {
  auto spec = topic_spec(asked, call.services.config.default_partitions);
  // This comes before all else that may be wrong: who wants to be sure of a topic learns by it that
  // it is there.
  if (!spec && call.services.topics.find(asked.name))
    co_return refusal(call, asked.name,
                      {.code = ErrorCode::kTopicAlreadyExists, .text = "topic exists"});
  if (!spec) co_return refusal(call, asked.name, spec.error());
  if (check) co_return co_await check_only(call, asked.name, *std::move(spec));
  auto topic = co_await call.services.topic_service.create(*std::move(spec));
  if (!topic) co_return refusal(call, asked.name, why_not_created(std::move(topic).error()));
  co_return created(call, asked.name, **topic);
}

/// Names that stand there more than once.
std::set<wire::String> repeated_names(const std::vector<Asked::Topic>& topics) {
  std::set<wire::String> seen;
  std::set<wire::String> repeated;
  for (const Asked::Topic& topic : topics)
    if (!seen.insert(topic.name).second) repeated.insert(topic.name);
  return repeated;
}

}  // namespace

Answer<Response> handle(Call& call, Asked request) {
  Response response;
  const std::set<wire::String> repeated = repeated_names(request.topics);
  for (const wire::String name : repeated)
    response.topics.push_back(
        refusal(call, name, {.code = ErrorCode::kInvalidRequest, .text = "named more than once"}));
  for (Asked::Topic& topic : request.topics) {
    if (repeated.contains(topic.name)) continue;
    auto answered = co_await create(call, std::move(topic), request.validate_only);
    response.topics.push_back(std::move(answered));
  }
  co_return response;
}

}  // namespace streamhouse::kafka
