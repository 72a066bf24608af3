// Partition rows.
#include "metadata/memory/memory_metadata.h"

namespace streamhouse::metadata {

using base::Errc;

Result<Partition> MemoryMetadata::get_partition(TopicPartition key) const {
  const auto found = tables_.partitions.find(key);
  if (found == tables_.partitions.end())
    return make_error(Errc::kPartitionNotFound, "there is no partition " + to_string(key));
  return found->second;
}

Result<std::vector<Partition>> MemoryMetadata::list_partitions(model::TopicNo topic) const {
  if (!tables_.topics.contains(topic))
    return make_error(Errc::kTopicNotFound, "there is no topic " + std::to_string(topic.value()));
  std::vector<Partition> rows;
  auto at = tables_.partitions.lower_bound({topic, model::PartitionIndex(0)});
  for (; at != tables_.partitions.end() && at->first.topic == topic; ++at)
    rows.push_back(at->second);
  return rows;
}

Result<std::vector<Partition>> MemoryMetadata::list_free_partitions(std::size_t limit) const {
  std::vector<Partition> rows;
  for (const auto& [key, row] : tables_.partitions) {
    if (rows.size() == limit) break;
    if (row.owner != model::kNoSession) continue;
    if (tables_.topics.at(key.topic).state == TopicState::kLive) rows.push_back(row);
  }
  return rows;
}

Status MemoryMetadata::advance_log_start(TopicPartition key, SessionId owner, LeaderEpoch epoch,
                                         Offset log_start) {
  const auto found = tables_.partitions.find(key);
  if (found == tables_.partitions.end())
    return make_error(Errc::kPartitionNotFound, "there is no partition " + to_string(key));
  Partition& row = found->second;
  if (row.owner != owner || row.epoch != epoch)
    return make_error(Errc::kFenced,
                      "partition " + to_string(key) + " has another leader or epoch");
  if (log_start <= row.log_start) return {};
  row.log_start = log_start;
  row.updated_ms = clock_();
  return {};
}

}  // namespace streamhouse::metadata
