// Random operations on groups and settings.
#include <algorithm>

#include "tests/contract/metadata/random_operations.h"

namespace streamhouse::metadata::contract {

/// Any partition that is led can be a shard.
ShardGuard RandomOperations::guard() {
  std::vector<Partition> led;
  for (const auto& [key, row] : model_.tables().partitions)
    if (row.owner != model::kNoSession) led.push_back(row);
  if (led.empty() || one_in(15)) return {partition(), session(), LeaderEpoch(1)};
  const Partition& row = one_in(2) ? led.front() : one_of(led);
  return {row.key, row.owner, epoch(row.key)};
}

std::int64_t RandomOperations::next_commit_no(const ShardGuard& shard, const std::string& group) {
  std::int64_t stored = 0;
  const auto& tables = model_.tables();
  if (const auto found = tables.groups.find(group); found != tables.groups.end())
    stored = found->second.group.commit_no;
  else if (const auto floor = tables.group_floors.find(shard.shard);
           floor != tables.group_floors.end() && !one_in(4))
    stored = floor->second.commit_no;
  return stored + (one_in(8) ? below(4) - 1 : 1);
}

void RandomOperations::save_group() {
  const ShardGuard shard = guard();
  Group group{.group_id = group_id(),
              .generation = static_cast<std::int32_t>(below(9)),
              .protocol_type = "consumer",
              .state = "Stable",
              .members = base::Bytes(std::string("m"))};
  group.commit_no = next_commit_no(shard, group.group_id);
  compare(describe("save_group", shard, group),
          [=](auto& to) { return to.save_group(shard, group); });
}

void RandomOperations::commit_offsets() {
  const ShardGuard shard = guard();
  const std::string group = group_id();
  const std::int64_t number = next_commit_no(shard, group);
  std::vector<CommittedOffset> offsets;
  for (std::int64_t i = below(4); i > 0; --i) {
    offsets.push_back(
        {.key = partition(), .offset = Offset(below(50)), .metadata = std::string("x\0", 2)});
    if (one_in(3)) offsets.back().expires_ms = test_.now() + below(400);
  }
  compare(describe("commit_offsets", shard, group, number, offsets),
          [=](auto& to) { return to.commit_offsets(shard, group, number, offsets); });
}

void RandomOperations::delete_offsets() {
  const ShardGuard shard = guard();
  const std::string group = group_id();
  const std::int64_t number = next_commit_no(shard, group);
  const std::vector<TopicPartition> keys{partition(), partition()};
  compare(describe("delete_offsets", shard, group, number, keys),
          [=](auto& to) { return to.delete_offsets(shard, group, number, keys); });
}

void RandomOperations::delete_group() {
  const ShardGuard shard = guard();
  const std::string group = group_id();
  const std::int64_t number = next_commit_no(shard, group);
  compare(describe("delete_group", shard, group, number),
          [=](auto& to) { return to.delete_group(shard, group, number); });
}

void RandomOperations::expire_offsets() {
  const DatabaseMs before = test_.now() - below(300);
  const std::size_t most = limit();
  compare(describe("expire_offsets", before, most),
          [=](auto& to) { return to.expire_offsets(before, most); });
}

void RandomOperations::put_setting() {
  const std::string key = "k" + std::to_string(below(3));
  const base::Bytes value(std::to_string(below(3)));
  const std::int64_t version = below(4);
  compare(describe("put_setting", key, value, version),
          [=](auto& to) { return to.put_setting(key, value, version); });
}

void RandomOperations::delete_setting() {
  const std::string key = "k" + std::to_string(below(3));
  const std::int64_t version = below(4);
  compare(describe("delete_setting", key, version),
          [=](auto& to) { return to.delete_setting(key, version); });
}

void RandomOperations::allocate_producer_ids() {
  const std::int64_t count = below(5);
  compare(describe("allocate_producer_ids", count),
          [=](auto& to) { return to.allocate_producer_ids(count); });
}

void RandomOperations::read_groups() {
  const std::string group = group_id();
  const std::string key = "k" + std::to_string(below(3));
  const std::vector<TopicPartition> keys{partition(), partition()};
  const std::size_t most = limit();
  const std::int64_t after = below(model_.tables().change_latest + 2);
  read(describe("load_group", group), [=](auto& to) { return to.load_group(group); });
  read(describe("fetch_offsets", group, keys),
       [=](auto& to) { return to.fetch_offsets(group, keys); });
  read(describe("list_groups", group, most), [=](auto& to) { return to.list_groups(group, most); });
  read(describe("get_setting", key), [=](auto& to) { return to.get_setting(key); });
  read("list_settings", [](auto& to) { return to.list_settings("k"); });
  read(describe("watch_changes", after, most),
       [=](auto& to) { return to.watch_changes(after, most); });
}

}  // namespace streamhouse::metadata::contract
