#include "metadata/rules/topic_rules.h"

#include <utility>

namespace streamhouse::metadata {

using base::Errc;
using base::make_error;

Status check_new_topic(const NewTopic& topic) {
  if (topic.name.empty()) return make_error(Errc::kInvalid, "a topic needs a name");
  if (topic.id == model::TopicId{}) return make_error(Errc::kInvalid, "a topic needs an id");
  if (topic.partition_count < 1 || topic.partition_count > kPartitionsPerTopicMax)
    return make_error(Errc::kInvalid, "topic '" + topic.name + "' cannot have " +
                                          std::to_string(topic.partition_count) + " partitions");
  return {};
}

Topic created_topic(NewTopic wanted, model::TopicNo no, DatabaseMs now) {
  return {.no = no,
          .id = wanted.id,
          .name = std::move(wanted.name),
          .partition_count = wanted.partition_count,
          .retention_ms = wanted.retention_ms,
          .config = std::move(wanted.config),
          .kind = wanted.kind,
          .created_ms = now,
          .updated_ms = now};
}

base::Error topic_not_found(const std::string& name) {
  return make_error(Errc::kTopicNotFound, "no topic is called '" + name + "'");
}

base::Error partition_not_found(TopicPartition key) {
  return make_error(Errc::kPartitionNotFound, "there is no partition " + to_string(key));
}

Result<Topic> changed_by(const Topic& topic, const TopicChange& change) {
  Topic changed = topic;
  for (const auto& [key, value] : change.config) {
    if (value)
      changed.config[key] = *value;
    else
      changed.config.erase(key);
  }
  if (change.retention_ms) changed.retention_ms = *change.retention_ms;
  if (changed == topic || change.expected_version.value_or(topic.version) == topic.version)
    return changed;
  return make_error(Errc::kConflict, "topic '" + topic.name + "' has version " +
                                         std::to_string(topic.version) + ", not " +
                                         std::to_string(*change.expected_version));
}

Status check_partition_count(const Topic& topic, std::int32_t count) {
  if (count >= topic.partition_count && count <= kPartitionsPerTopicMax) return {};
  return make_error(Errc::kInvalid, "topic '" + topic.name + "' has " +
                                        std::to_string(topic.partition_count) +
                                        " partitions and cannot get " + std::to_string(count));
}

}  // namespace streamhouse::metadata
