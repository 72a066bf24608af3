// Consumer groups and committed offsets (rule P18).
#include <algorithm>
#include <set>
#include <tuple>

#include "metadata/memory/memory_metadata.h"

namespace streamhouse::metadata {

namespace {

using base::Errc;

Status check_form(const std::string& group_id, std::int64_t commit_no) {
  if (group_id.empty()) return make_error(Errc::kInvalid, "a group needs an id");
  if (commit_no < 1)
    return make_error(Errc::kInvalid, "commit number " + std::to_string(commit_no) + " of group '" +
                                          group_id + "' is below 1");
  return {};
}

base::Error number_conflict(const std::string& group_id, std::int64_t stored, std::int64_t wanted) {
  return make_error(Errc::kConflict, "group '" + group_id + "' is at commit number " +
                                         std::to_string(stored) + ", which " +
                                         std::to_string(wanted) + " does not follow");
}

}  // namespace

Status MemoryMetadata::check_guard(const ShardGuard& guard) const {
  const auto found = tables_.partitions.find(guard.shard);
  if (found == tables_.partitions.end() || found->second.owner != guard.owner ||
      found->second.epoch != guard.epoch)
    return make_error(Errc::kFenced,
                      "shard " + to_string(guard.shard) + " has another coordinator");
  return {};
}

Result<MemoryMetadata::GroupWrite> MemoryMetadata::check_commit_no(const ShardGuard& guard,
                                                                   const std::string& group_id,
                                                                   std::int64_t commit_no) const {
  const auto group = tables_.groups.find(group_id);
  if (group != tables_.groups.end()) {
    const std::int64_t stored = group->second.group.commit_no;
    if (stored == commit_no) return GroupWrite::kDone;
    if (stored == commit_no - 1) return GroupWrite::kApply;
    return number_conflict(group_id, stored, commit_no);
  }
  const auto floor = tables_.group_floors.find(guard.shard);
  if (floor == tables_.group_floors.end() || floor->second.epoch != guard.epoch ||
      floor->second.commit_no < commit_no)
    return GroupWrite::kApply;
  return number_conflict(group_id, floor->second.commit_no, commit_no);
}

GroupRecord& MemoryMetadata::write_group(const std::string& group_id, std::int64_t commit_no) {
  const auto [at, is_new] = tables_.groups.try_emplace(group_id);
  Group& group = at->second.group;
  group.updated_ms = clock_();
  group.commit_no = commit_no;
  if (is_new) {
    group.group_id = group_id;
    group.state = "Empty";
    group.created_ms = group.updated_ms;
    add_change(ChangeKind::kGroup, group_id);
  }
  return at->second;
}

Status MemoryMetadata::save_group(const ShardGuard& guard, Group group) {
  SH_TRY_OK(check_form(group.group_id, group.commit_no));
  SH_TRY_OK(check_guard(guard));
  SH_TRY(const GroupWrite write, check_commit_no(guard, group.group_id, group.commit_no));
  if (write == GroupWrite::kDone) return {};
  Group& row = write_group(group.group_id, group.commit_no).group;
  group.created_ms = row.created_ms;
  group.updated_ms = row.updated_ms;
  row = std::move(group);
  return {};
}

Status MemoryMetadata::commit_offsets(const ShardGuard& guard, const std::string& group_id,
                                      std::int64_t commit_no,
                                      const std::vector<CommittedOffset>& offsets) {
  SH_TRY_OK(check_form(group_id, commit_no));
  std::set<TopicPartition> keys;
  for (const CommittedOffset& offset : offsets)
    if (!keys.insert(offset.key).second)
      return make_error(Errc::kInvalid, "partition " + to_string(offset.key) + " is named twice");
  SH_TRY_OK(check_guard(guard));
  SH_TRY(const GroupWrite write, check_commit_no(guard, group_id, commit_no));
  if (write == GroupWrite::kDone) return {};
  for (const TopicPartition& key : keys)
    if (!tables_.partitions.contains(key))
      return make_error(Errc::kPartitionNotFound, "there is no partition " + to_string(key));
  GroupRecord& record = write_group(group_id, commit_no);
  for (CommittedOffset offset : offsets) {
    offset.committed_ms = record.group.updated_ms;
    record.offsets[offset.key] = std::move(offset);
  }
  return {};
}

Status MemoryMetadata::delete_offsets(const ShardGuard& guard, const std::string& group_id,
                                      std::int64_t commit_no,
                                      const std::vector<TopicPartition>& keys) {
  SH_TRY_OK(check_form(group_id, commit_no));
  SH_TRY_OK(check_guard(guard));
  if (!tables_.groups.contains(group_id))
    return make_error(Errc::kGroupNotFound, "there is no group '" + group_id + "'");
  SH_TRY(const GroupWrite write, check_commit_no(guard, group_id, commit_no));
  if (write == GroupWrite::kDone) return {};
  GroupRecord& record = write_group(group_id, commit_no);
  for (const TopicPartition& key : keys) record.offsets.erase(key);
  return {};
}

Status MemoryMetadata::delete_group(const ShardGuard& guard, const std::string& group_id,
                                    std::int64_t commit_no) {
  SH_TRY_OK(check_form(group_id, commit_no));
  SH_TRY_OK(check_guard(guard));
  const auto found = tables_.groups.find(group_id);
  if (found == tables_.groups.end()) return {};
  const std::int64_t stored = found->second.group.commit_no;
  if (stored != commit_no - 1) return number_conflict(group_id, stored, commit_no);
  tables_.groups.erase(found);
  GroupFloor& floor = tables_.group_floors[guard.shard];
  if (floor.epoch != guard.epoch) floor = {.epoch = guard.epoch};
  floor.commit_no = std::max(floor.commit_no, commit_no);
  add_change(ChangeKind::kGroup, group_id);
  return {};
}

Result<LoadedGroup> MemoryMetadata::load_group(const std::string& group_id) const {
  const auto found = tables_.groups.find(group_id);
  if (found == tables_.groups.end())
    return make_error(Errc::kGroupNotFound, "there is no group '" + group_id + "'");
  LoadedGroup loaded{.group = found->second.group, .offsets = {}};
  for (const auto& [key, offset] : found->second.offsets) loaded.offsets.push_back(offset);
  return loaded;
}

Result<std::vector<CommittedOffset>> MemoryMetadata::fetch_offsets(
    const std::string& group_id, const std::vector<TopicPartition>& keys) const {
  std::vector<CommittedOffset> offsets;
  const auto found = tables_.groups.find(group_id);
  if (found == tables_.groups.end()) return offsets;
  for (const TopicPartition& key : std::set(keys.begin(), keys.end())) {
    const auto offset = found->second.offsets.find(key);
    if (offset != found->second.offsets.end()) offsets.push_back(offset->second);
  }
  return offsets;
}

Result<std::vector<Group>> MemoryMetadata::list_groups(const std::string& after,
                                                       std::size_t limit) const {
  std::vector<Group> page;
  auto at = tables_.groups.upper_bound(after);
  for (; at != tables_.groups.end() && page.size() < limit; ++at) page.push_back(at->second.group);
  return page;
}

Result<std::size_t> MemoryMetadata::expire_offsets(DatabaseMs before_ms, std::size_t limit) {
  std::set<std::tuple<DatabaseMs, std::string, TopicPartition>> due;
  for (const auto& [id, record] : tables_.groups)
    for (const auto& [key, offset] : record.offsets)
      if (offset.expires_ms && *offset.expires_ms < before_ms)
        due.emplace(*offset.expires_ms, id, key);
  std::size_t removed = 0;
  for (const auto& [expires, id, key] : due) {
    if (removed == limit) break;
    tables_.groups.at(id).offsets.erase(key);
    ++removed;
  }
  return removed;
}

}  // namespace streamhouse::metadata
