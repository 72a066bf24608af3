#include "kafka/topics/topic_spec.h"

#include <algorithm>

#include "service/topic_config.h"

namespace streamhouse::kafka {
namespace {

using wire::ErrorCode;
using Asked = wire::CreateTopicsRequest::Topic;

constexpr std::int32_t kDefault = -1;

std::unexpected<Refusal> refused(ErrorCode code, std::string text) {
  return std::unexpected(Refusal{.code = code, .text = std::move(text)});
}

/// The partitions that are assigned, if they are numbered from 0 on.
std::expected<std::int32_t, Refusal> count_assigned(const Asked& asked) {
  if (asked.num_partitions != kDefault || asked.replication_factor != kDefault)
    return refused(ErrorCode::kInvalidRequest,
                   "partitions and replicas are both counted and assigned");
  std::vector<std::int32_t> numbers;
  for (const auto& assignment : asked.assignments) {
    numbers.push_back(assignment.partition_index);
    if (assignment.broker_ids.empty())
      return refused(ErrorCode::kInvalidReplicaAssignment, "a partition without replicas");
  }
  std::ranges::sort(numbers);
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    if (numbers[i] != static_cast<std::int32_t>(i))
      return refused(ErrorCode::kInvalidReplicaAssignment,
                     "assigned partitions are not numbered from 0 on");
  }
  return static_cast<std::int32_t>(numbers.size());
}

std::expected<std::int32_t, Refusal> count_partitions(const Asked& asked,
                                                      std::int32_t default_partitions) {
  if (!asked.assignments.empty()) return count_assigned(asked);
  if (asked.replication_factor == 0 || asked.replication_factor < kDefault)
    return refused(ErrorCode::kInvalidReplicationFactor, "expected 1 or more replicas, or -1");
  if (asked.num_partitions == kDefault) return default_partitions;
  if (asked.num_partitions >= 1 && asked.num_partitions <= service::TopicService::kPartitionsMax)
    return asked.num_partitions;
  return refused(ErrorCode::kInvalidPartitions, "expected 1 to 100000 partitions, or -1");
}

}  // namespace

std::expected<service::TopicSpec, Refusal> topic_spec(const Asked& asked,
                                                      std::int32_t default_partitions) {
  service::TopicSpec spec{.name = std::string(asked.name), .retention_ms = {}, .config = {}};
  if (const auto good = service::check_topic_name(spec.name); !good)
    return refused(ErrorCode::kInvalidTopicException, good.error().text);
  const auto count = count_partitions(asked, default_partitions);
  if (!count) return std::unexpected(count.error());
  spec.partition_count = *count;
  for (const auto& config : asked.configs) {
    if (!config.value)
      return refused(ErrorCode::kInvalidConfig, "null for " + std::string(config.name));
    spec.config[std::string(config.name)] = *config.value;
  }
  if (const auto good = service::check_topic_config(spec.config); !good)
    return refused(ErrorCode::kInvalidConfig, good.error().text);
  return spec;
}

std::expected<void, Refusal> check_growth(const wire::CreatePartitionsRequest::Topic& asked,
                                          std::int32_t partitions) {
  if (asked.count <= partitions || asked.count > service::TopicService::kPartitionsMax)
    return refused(ErrorCode::kInvalidPartitions,
                   "there are " + std::to_string(partitions) + " partitions, expected more");
  const auto added = static_cast<std::size_t>(asked.count - partitions);
  if (asked.assignments && asked.assignments->size() != added)
    return refused(ErrorCode::kInvalidReplicaAssignment,
                   std::to_string(asked.assignments->size()) + " assignments for " +
                       std::to_string(added) + " new partitions");
  return {};
}

}  // namespace streamhouse::kafka
