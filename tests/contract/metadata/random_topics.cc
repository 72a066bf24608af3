// Random operations on topics and partition rows.
#include "tests/contract/metadata/random_operations.h"

namespace streamhouse::metadata::contract {

void RandomOperations::create_topic() {
  NewTopic topic = new_topic(topic_name(), static_cast<std::int32_t>(below(4)));
  topic.id = topic_id(random_.below(40));
  if (one_in(3)) topic.config = {{"a", "1"}};
  if (one_in(3)) topic.retention_ms = below(5);
  compare(describe("create_topic", topic), [topic](auto& to) { return to.create_topic(topic); });
}

void RandomOperations::delete_topic() {
  const model::TopicId id = topic_id(random_.below(40));
  compare(describe("delete_topic", id), [id](auto& to) { return to.delete_topic(id); });
}

void RandomOperations::purge_topic() {
  const model::TopicNo no = partition().topic;
  compare(describe("purge_topic", no), [no](auto& to) { return to.purge_topic(no); });
}

void RandomOperations::change_topic() {
  const std::string name = topic_name();
  TopicChange change;
  if (one_in(2)) change.config["a"] = std::to_string(below(3));
  if (one_in(2)) change.config["b"] = std::nullopt;
  if (one_in(3)) change.retention_ms = std::optional<std::int64_t>(below(3));
  if (one_in(2)) change.expected_version = below(4);
  compare(describe("update_topic_config", name, change),
          [name, change](auto& to) { return to.update_topic_config(name, change); });
}

void RandomOperations::add_partitions() {
  const std::string name = topic_name();
  const auto count = static_cast<std::int32_t>(below(5));
  compare(describe("create_partitions", name, count),
          [name, count](auto& to) { return to.create_partitions(name, count); });
}

void RandomOperations::advance_log_start() {
  const TopicPartition key = partition();
  const auto found = row(key);
  const SessionId owner = found && !one_in(8) ? found->owner : session();
  const LeaderEpoch at = epoch(key);
  const Offset to_offset(below(next_offset_[key] + 2));
  compare(describe("advance_log_start", key, owner, at, to_offset),
          [=](auto& to) { return to.advance_log_start(key, owner, at, to_offset); });
}

void RandomOperations::read_topics() {
  const std::string name = topic_name();
  const TopicPartition key = partition();
  const model::TopicId id = topic_id(random_.below(40));
  const std::size_t most = limit();
  const Offset from(below(next_offset_[key] + 2));
  read(describe("get_topic", name), [=](auto& to) { return to.get_topic(name); });
  read(describe("get_topic", key.topic), [=](auto& to) { return to.get_topic(key.topic); });
  read(describe("get_topic", id), [=](auto& to) { return to.get_topic(id); });
  read(describe("list_topics", key.topic, most),
       [=](auto& to) { return to.list_topics(key.topic, most); });
  read(describe("get_partition", key), [=](auto& to) { return to.get_partition(key); });
  read(describe("list_partitions", key.topic),
       [=](auto& to) { return to.list_partitions(key.topic); });
  read(describe("list_free_partitions", most),
       [=](auto& to) { return to.list_free_partitions(most); });
  read(describe("list_segments", key, from, most),
       [=](auto& to) { return to.list_segments(key, from, most); });
  read(describe("find_segment", key, from), [=](auto& to) { return to.find_segment(key, from); });
}

}  // namespace streamhouse::metadata::contract
