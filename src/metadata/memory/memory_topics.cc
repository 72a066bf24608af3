// Topics: creation, change, deletion.
#include <algorithm>

#include "metadata/memory/memory_metadata.h"
#include "metadata/rules/topic_rules.h"

namespace streamhouse::metadata {

using base::Errc;

Topic* MemoryMetadata::find_live_topic(const std::string& name) {
  for (auto& [no, topic] : tables_.topics)
    if (topic.name == name && topic.state == TopicState::kLive) return &topic;
  return nullptr;
}

bool MemoryMetadata::has_unrecovered_owner(const Partition& row) const {
  if (row.owner == model::kNoSession) return false;
  const SessionRecord* owner = find_session(row.owner);
  return !owner || owner->session.state != SessionState::kRecovered;
}

bool MemoryMetadata::has_unrecovered_owner(model::TopicNo topic) const {
  auto at = tables_.partitions.lower_bound({topic, model::PartitionIndex(0)});
  for (; at != tables_.partitions.end() && at->first.topic == topic; ++at)
    if (has_unrecovered_owner(at->second)) return true;
  return false;
}

void MemoryMetadata::add_partitions(const Topic& topic, std::int32_t first) {
  const DatabaseMs now = clock_();
  for (std::int32_t index = first; index < topic.partition_count; ++index) {
    const TopicPartition key{topic.no, model::PartitionIndex(index)};
    tables_.partitions[key] = Partition{.key = key, .created_ms = now, .updated_ms = now};
  }
}

/// Every change of a topic: a new version, and a line in the feed.
Topic MemoryMetadata::touch_topic(Topic& topic) {
  topic.version += 1;
  topic.updated_ms = clock_();
  add_change(ChangeKind::kTopic, std::to_string(topic.no.value()));
  return topic;
}

Result<Topic> MemoryMetadata::create_topic(NewTopic wanted) {
  SH_TRY_OK(check_new_topic(wanted));
  for (const auto& [no, topic] : tables_.topics) {
    if (topic.id != wanted.id) continue;
    if (topic.name == wanted.name) return topic;
    return make_error(Errc::kExists, "topic id " + to_string(wanted.id) + " is that of '" +
                                         topic.name + "', not of '" + wanted.name + "'");
  }
  if (find_live_topic(wanted.name))
    return make_error(Errc::kTopicExists, "topic '" + wanted.name + "' exists");
  for (const auto& [no, topic] : tables_.topics)
    if (topic.name == wanted.name && has_unrecovered_owner(no))
      return make_error(Errc::kConflict,
                        "the deleted topic '" + wanted.name + "' still has a leader: try again");
  const model::TopicNo no(++tables_.topic_no_latest);
  Topic topic = created_topic(std::move(wanted), no, clock_());
  tables_.topics[topic.no] = topic;
  add_partitions(topic, 0);
  add_change(ChangeKind::kTopic, std::to_string(topic.no.value()));
  return topic;
}

Result<std::optional<Topic>> MemoryMetadata::delete_topic(const model::TopicId& id) {
  for (auto& [no, topic] : tables_.topics) {
    if (topic.id != id) continue;
    if (topic.state == TopicState::kDeleting) return std::optional(topic);
    topic.state = TopicState::kDeleting;
    return std::optional(touch_topic(topic));
  }
  return std::optional<Topic>();
}

Status MemoryMetadata::purge_topic(model::TopicNo no) {
  const auto found = tables_.topics.find(no);
  if (found == tables_.topics.end()) return {};
  const Topic& topic = found->second;
  if (topic.state == TopicState::kLive)
    return make_error(Errc::kInvalid, "topic '" + topic.name + "' is not deleted");
  if (has_unrecovered_owner(no))
    return make_error(Errc::kConflict, "the deleted topic '" + topic.name + "' still has a leader");
  const auto of_topic = [no](const auto& entry) { return entry.first.topic == no; };
  std::erase_if(tables_.partitions, of_topic);
  std::erase_if(tables_.group_floors, of_topic);
  for (auto& [id, record] : tables_.groups) std::erase_if(record.offsets, of_topic);
  for (auto at = tables_.segments.begin(); at != tables_.segments.end();)
    at = at->first.first.topic == no ? forget_segment(at) : std::next(at);
  add_change(ChangeKind::kTopic, std::to_string(topic.no.value()));
  tables_.topics.erase(found);
  return {};
}

Result<Topic> MemoryMetadata::get_topic(const TopicRef& wanted) const {
  for (const auto& [no, topic] : tables_.topics) {
    if (const auto* name = std::get_if<std::string>(&wanted)) {
      if (topic.name == *name && topic.state == TopicState::kLive) return topic;
    } else if (const auto* id = std::get_if<model::TopicId>(&wanted)) {
      if (topic.id == *id) return topic;
    } else if (no == std::get<model::TopicNo>(wanted)) {
      return topic;
    }
  }
  if (const auto* name = std::get_if<std::string>(&wanted)) return topic_not_found(*name);
  return make_error(Errc::kTopicNotFound, "no topic has that id or number");
}

Result<std::vector<Topic>> MemoryMetadata::list_topics(model::TopicNo after,
                                                       std::size_t limit) const {
  std::vector<Topic> page;
  auto at = tables_.topics.upper_bound(after);
  for (; at != tables_.topics.end() && page.size() < limit; ++at) page.push_back(at->second);
  return page;
}

Result<Topic> MemoryMetadata::update_topic_config(const std::string& name,
                                                  const TopicChange& change) {
  Topic* topic = find_live_topic(name);
  if (!topic) return topic_not_found(name);
  SH_TRY(Topic changed, changed_by(*topic, change));
  if (changed == *topic) return changed;
  *topic = std::move(changed);
  return touch_topic(*topic);
}

Result<Topic> MemoryMetadata::create_partitions(const std::string& name, std::int32_t count) {
  Topic* topic = find_live_topic(name);
  if (!topic) return topic_not_found(name);
  const std::int32_t before = topic->partition_count;
  if (count == before) return *topic;
  SH_TRY_OK(check_partition_count(*topic, count));
  topic->partition_count = count;
  add_partitions(*topic, before);
  return touch_topic(*topic);
}

}  // namespace streamhouse::metadata
