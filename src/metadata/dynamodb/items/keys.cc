#include "metadata/dynamodb/items/keys.h"

#include <algorithm>
#include <charconv>

namespace streamhouse::metadata::dynamodb {
namespace {

std::string of_partition(model::TopicPartition partition) {
  return topic_text(partition.topic) + "#" + partition_text(partition.partition);
}

}  // namespace

std::string digits(std::int64_t value, std::size_t width) {
  const std::string text = std::to_string(std::max<std::int64_t>(value, 0));
  return std::string(width - std::min(width, text.size()), '0') + text;
}

std::int64_t number_at(std::string_view key, std::size_t at) {
  std::int64_t value = 0;
  if (at < key.size()) std::from_chars(key.data() + at, key.data() + key.size(), value);
  return value;
}

Key partition_key(model::TopicPartition partition) {
  return {partitions_key(partition.topic, chunk_of(partition.partition)),
          partition_text(partition.partition)};
}

Key segment_key(model::TopicPartition partition, model::Offset next,
                const std::string& object_key) {
  return {segments_key(partition.topic, chunk_of(partition.partition)),
          segments_prefix(partition.partition) + padded(next.value()) + "#" + object_key};
}

Key offset_key(const std::string& group_id, model::TopicPartition partition) {
  return {group_items_key(group_id), kOffsetsPrefix + of_partition(partition)};
}

Key floor_key(model::TopicPartition shard) { return {kFloorsKey, of_partition(shard)}; }

}  // namespace streamhouse::metadata::dynamodb
