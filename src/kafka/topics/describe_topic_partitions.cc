#include <algorithm>
#include <set>

#include "kafka/error_code.h"
#include "kafka/handlers.h"
#include "kafka/topics/authorized_operations.h"
#include "kafka/topics/page_planner.h"
#include "kafka/topics/partition_leader.h"
#include "service/topic_config.h"

namespace streamhouse::kafka {
namespace {

using runtime::Task;
using wire::ErrorCode;
using Asked = wire::DescribeTopicPartitionsRequest;
using Response = wire::DescribeTopicPartitionsResponse;

Response::Partition describe(const PartitionLeader& leader, std::int32_t index) {
  Response::Partition described{.error_code = leader.error_code(),
                                .partition_index = index,
                                .leader_id = leader.node_id,
                                .leader_epoch = leader.epoch,
                                .replica_nodes = leader.replicas(),
                                .isr_nodes = leader.replicas()};
  described.eligible_leader_replicas.emplace();
  described.last_known_elr.emplace();
  return described;
}

Task<Response::Topic> describe(Call& call, cluster::TopicPtr topic, PagePlanner::Range range,
                               BrokersPtr brokers) {
  Response::Topic described{.name = call.texts.keep(topic->name),
                            .topic_id = topic->id.bytes,
                            .topic_authorized_operations = kTopicOperations};
  const auto leaders = co_await find_leaders(call, std::move(topic), std::move(brokers));
  for (std::int32_t index = range.first; index < range.first + range.count; ++index)
    described.partitions.push_back(describe(leaders[static_cast<std::size_t>(index)], index));
  co_return described;
}

Response::Topic refusal(Call& call, const std::string& name, const base::Error& error) {
  const bool invalid = !service::check_topic_name(name);
  return {.error_code = invalid ? ErrorCode::kInvalidTopicException
                                : error_code(error, ErrorAbout::kTopicMetadata),
          .name = call.texts.keep(name)};
}

/// By name; all if none is asked for.
std::set<std::string> names(Call& call, const Asked& request) {
  std::set<std::string> names;
  for (const Asked::Topic& topic : request.topics) names.emplace(topic.name);
  if (!names.empty()) return names;
  const auto topics = call.services.topics.list();
  for (const cluster::TopicPtr& topic : *topics) names.insert(topic->name);
  return names;
}

std::optional<PartitionPlace> cursor(const Asked& request) {
  if (!request.cursor) return std::nullopt;
  return PartitionPlace{.topic = std::string(request.cursor->topic_name),
                        .partition = request.cursor->partition_index};
}

/// Whether the answer can go on there: at a partition of a topic that is asked for.
bool is_place(const std::optional<PartitionPlace>& from, const Asked& request) {
  if (!from) return true;
  const auto is_there = [&](const Asked::Topic& topic) { return topic.name == from->topic; };
  return from->partition >= 0 &&
         (request.topics.empty() || std::ranges::any_of(request.topics, is_there));
}

Response refuse_all(const Asked& request, ErrorCode code) {
  Response response;
  for (const Asked::Topic& topic : request.topics)
    response.topics.push_back({.error_code = code, .name = topic.name});
  return response;
}

}  // namespace

Answer<Response> handle(Call& call, Asked request) {
  const auto from = cursor(request);
  if (!is_place(from, request)) co_return refuse_all(request, ErrorCode::kInvalidRequest);
  const auto brokers = co_await call.services.brokers.get();
  if (!brokers) co_return std::unexpected(NoResponse::kCloseConnection);
  Response response;
  PagePlanner page(from, request.response_partition_limit);
  const std::set<std::string> wanted = names(call, request);
  for (const std::string& name : wanted) {
    if (page.next()) break;
    const auto topic = co_await call.services.topics.get(name);
    const auto range = page.take(name, topic ? (*topic)->partition_count : 0);
    if (!range) continue;
    if (!topic) {
      response.topics.push_back(refusal(call, name, topic.error()));
      continue;
    }
    auto described = co_await describe(call, *topic, *range, *brokers);
    response.topics.push_back(std::move(described));
  }
  if (const auto& next = page.next())
    response.next_cursor = wire::PartitionCursor{.topic_name = call.texts.keep(next->topic),
                                                 .partition_index = next->partition};
  co_return response;
}

}  // namespace streamhouse::kafka
