#pragma once
/// \file  Where everything stands in the table. docs/dynamodb.md lists the same for people. Numbers
/// in keys are padded with zeros, so that the order of keys is theirs; texts of users that are sort
/// keys begin with `=`, since a key is never empty.

#include <string>

#include "metadata/dynamodb/messages/item.h"
#include "model/ids.h"

namespace streamhouse::metadata::dynamodb {

/// Partitions of a topic that share a partition key.
inline constexpr std::int32_t kPartitionsPerKey = 256;

/// Decimal with leading zeros; of a negative number as of 0.
std::string digits(std::int64_t value, std::size_t width);
inline std::string padded(std::int64_t value) { return digits(value, 20); }
inline std::string of_user(const std::string& text) { return "=" + text; }
/// The number in a key that begins at `at`; 0 if there is none.
std::int64_t number_at(std::string_view key, std::size_t at);

// Topics.
inline const std::string kTopicsKey = "T";
inline std::string topic_text(model::TopicNo topic) { return digits(topic.value(), 10); }
inline Key topic_key(model::TopicNo topic) { return {kTopicsKey, topic_text(topic)}; }
inline Key topic_name_key(const std::string& name) { return {"N#" + name, "A"}; }
inline Key topic_id_key(const model::TopicId& id) { return {"I#" + to_string(id), "A"}; }

// Partitions. `chunk` counts runs of kPartitionsPerKey.
inline std::int32_t chunk_of(model::PartitionIndex partition) {
  return partition.value() / kPartitionsPerKey;
}
inline std::string partition_text(model::PartitionIndex partition) {
  return digits(partition.value(), 6);
}
inline std::string topic_chunk(model::TopicNo topic, std::int32_t chunk) {
  return topic_text(topic) + "#" + digits(chunk, 4);
}
inline std::string partitions_key(model::TopicNo topic, std::int32_t chunk) {
  return "P#" + topic_chunk(topic, chunk);
}
/// Producer snapshots that are too large for the partition's item.
inline std::string producers_key(model::TopicNo topic, std::int32_t chunk) {
  return "PB#" + topic_chunk(topic, chunk);
}
inline std::string segments_key(model::TopicNo topic, std::int32_t chunk) {
  return "SG#" + topic_chunk(topic, chunk);
}
Key partition_key(model::TopicPartition partition);
/// What the sort keys of a partition's segments begin with.
inline std::string segments_prefix(model::PartitionIndex partition) {
  return partition_text(partition) + "#";
}
Key segment_key(model::TopicPartition partition, model::Offset next, const std::string& object_key);

// Sessions and agents.
inline const std::string kSessionsKey = "S";
inline const std::string kUnrecoveredKey = "U";  ///< Sessions that are live or fencing.
inline const std::string kAgentsKey = "A";
inline Key session_key(model::SessionId session) { return {kSessionsKey, to_string(session)}; }
inline Key unrecovered_key(model::SessionId session) {
  return {kUnrecoveredKey, to_string(session)};
}
inline Key agent_key(const std::string& agent_id) { return {kAgentsKey, of_user(agent_id)}; }
inline std::string log_key(model::SessionId session) { return "L#" + to_string(session); }
inline Key row_key(model::SessionId session, model::Seq seq) {
  return {log_key(session), padded(seq.value())};
}
inline Key checkpoint_key(model::SessionId session) { return {"C#" + to_string(session), "H"}; }
/// What does not fit into items of the session's log and checkpoints.
inline std::string session_blobs_key(model::SessionId session) { return "B#" + to_string(session); }
/// Runs of partitions that the session may lead some of.
inline std::string led_key(model::SessionId session) { return "W#" + to_string(session); }
inline Key led_chunk_key(model::SessionId session, model::TopicNo topic, std::int32_t chunk) {
  return {led_key(session), topic_chunk(topic, chunk)};
}

// Objects.
inline const std::string kLiveObjectsKey = "OL";
inline const std::string kDeadObjectsKey = "OD";
inline Key live_object_key(const std::string& key) { return {kLiveObjectsKey, of_user(key)}; }
inline Key dead_object_key(const std::string& key) { return {kDeadObjectsKey, of_user(key)}; }

// Groups.
inline const std::string kGroupsKey = "GL";
inline const std::string kFloorsKey = "F";
/// What the sort keys of a group's offsets begin with.
inline const std::string kOffsetsPrefix = "O#";
inline std::string group_items_key(const std::string& group_id) { return "G#" + group_id; }
inline Key group_key(const std::string& group_id) { return {group_items_key(group_id), "M"}; }
inline Key group_list_key(const std::string& group_id) { return {kGroupsKey, of_user(group_id)}; }
Key offset_key(const std::string& group_id, model::TopicPartition partition);
Key floor_key(model::TopicPartition shard);

// The rest.
inline const std::string kChangesKey = "X";
inline const std::string kSettingsKey = "V";
inline Key change_head_key() { return {kChangesKey, "head"}; }
inline Key change_key(std::int64_t first_version) { return {kChangesKey, padded(first_version)}; }
inline Key setting_key(const std::string& key) { return {kSettingsKey, of_user(key)}; }
inline Key counter_key(const std::string& name) { return {"K", name}; }
inline Key cluster_key() { return {"K", "cluster"}; }

}  // namespace streamhouse::metadata::dynamodb
