#include "groups/group_snapshots.h"

#include <algorithm>
#include <utility>

#include "groups/group_shard.h"
#include "metadata/archive/archive_object.h"
#include "segment/object_key.h"

namespace streamhouse::groups {

using base::Errc;
using base::Result;
using base::Status;
using runtime::Task;

namespace {

constexpr std::size_t kPerPage = 500;

std::size_t bytes_of(const metadata::LoadedGroup& loaded) {
  std::size_t bytes = sizeof(loaded) + loaded.group.group_id.size() + loaded.group.members.size();
  for (const metadata::CommittedOffset& offset : loaded.offsets)
    bytes += sizeof(offset) + offset.metadata.size();
  return bytes;
}

}  // namespace

GroupSnapshots::GroupSnapshots(Ports ports, const metadata::Topic& offsets_topic,
                               runtime::Duration interval, runtime::TaskGroup& group)
    : ports_(ports),
      offsets_topic_(offsets_topic.no),
      shard_count_(offsets_topic.partition_count),
      interval_(interval),
      group_(group) {}

void GroupSnapshots::changed(model::TopicPartition shard) {
  const auto known = shards_.find(shard.partition);
  if (known != shards_.end()) known->second.changed = true;  // others count as changed
}

Task<void> GroupSnapshots::run() {
  while (!group_.stopping()) {
    co_await group_.sleep_until_stop(interval_);
    if (group_.stopping()) break;
    const Status done = co_await round();
    trouble_ = done ? std::optional<base::Error>() : done.error();
  }
}

Task<Status> GroupSnapshots::round() {
  follow_leases();
  GroupIds due = take_changed();
  Status first = co_await list_groups(&due);
  const bool listed = first.has_value();
  for (auto& [index, groups] : due) {
    if (group_.stopping()) break;
    Status done;
    if (listed) done = co_await store(index, std::move(groups));
    if (!listed || !done) shards_[index].changed = true;
    if (first && !done) first = std::move(done);
  }
  co_return first;
}

void GroupSnapshots::follow_leases() {
  std::map<model::PartitionIndex, Shard> led;
  for (const auto& log : ports_.partitions.list()) {
    const model::TopicPartition key = log->key();
    if (key.topic != offsets_topic_ || log->state() != partition::LogState::kLeading) continue;
    const auto known = shards_.find(key.partition);
    const bool same = known != shards_.end() && known->second.epoch == log->epoch();
    led.emplace(key.partition, same ? known->second : Shard{.epoch = log->epoch()});
  }
  shards_ = std::move(led);
}

/// Before the groups are read: what is written meanwhile counts as changed again.
GroupSnapshots::GroupIds GroupSnapshots::take_changed() {
  GroupIds due;
  for (auto& [index, shard] : shards_)
    if (std::exchange(shard.changed, false)) due[index];
  return due;
}

/// Fills in the groups of these shards; a shard may have none.
Task<Status> GroupSnapshots::list_groups(GroupIds* due) {
  for (std::string after; !due->empty();) {
    SH_CO_TRY(const auto page, co_await ports_.metadata.list_groups(after, kPerPage));
    for (const metadata::Group& group : page) {
      after = group.group_id;
      const auto found = due->find(shard_of(after, shard_count_));
      if (found != due->end()) found->second.push_back(after);
    }
    if (page.size() < kPerPage) break;
  }
  co_return Status{};
}

/// Nothing for a shard without groups that never had any.
Task<Status> GroupSnapshots::store(model::PartitionIndex index, std::vector<std::string> groups) {
  SH_CO_TRY(auto loaded, co_await load(std::move(groups)));
  Shard& shard = shards_[index];
  if (!shard.stored) {
    SH_CO_TRY(shard.stored, co_await list_stored(index));
  }
  if (loaded.empty() && shard.stored->empty()) co_return Status{};
  const std::string key = next_key(index, shard);
  const Status done = co_await put(key, std::move(loaded));
  const bool is_stored = done || done.error().code == Errc::kUnknownOutcome;
  if (is_stored) shard.stored->push_back(key);
  if (!done) co_return done;
  co_return co_await remove_before(&shard, key);
}

/// Never one that was used: nobody else writes under the epoch.
std::string GroupSnapshots::next_key(model::PartitionIndex index, Shard& shard) {
  for (const std::string& key : *shard.stored) {
    const auto name = segment::parse_key(key);
    const auto& stored = std::get<segment::GroupsKey>(*name);
    if (stored.epoch == shard.epoch) shard.number = std::max(shard.number, stored.number);
  }
  return segment::to_key(
      segment::GroupsKey{.shard = index, .epoch = shard.epoch, .number = ++shard.number});
}

/// Those that are known: of other leaders, what was there when this one was new.
Task<Status> GroupSnapshots::remove_before(Shard* shard, std::string newest) {
  std::vector<std::string> left;
  Status first;
  for (const std::string& key : *shard->stored) {
    Status removed;
    if (key < newest) removed = co_await ports_.objects.remove(key);
    if (key >= newest || !removed) left.push_back(key);
    if (first && !removed) first = std::move(removed);
  }
  shard->stored = std::move(left);
  co_return first;
}

Task<Result<GroupSnapshots::LoadedGroups>> GroupSnapshots::load(std::vector<std::string> groups) {
  LoadedGroups loaded;
  std::size_t bytes = 0;
  for (const std::string& id : groups) {
    auto group = co_await ports_.metadata.load_group(id);
    if (!group && group.error().code == Errc::kGroupNotFound) continue;
    if (!group) co_return group.error();
    bytes += bytes_of(*group);
    if (bytes > kBytesMax) {
      co_return base::make_error(Errc::kTooLarge,
                                 "the groups of the shard of group " + id + " take more than " +
                                     std::to_string(kBytesMax) + " bytes: they are not stored");
    }
    loaded.emplace(id, *std::move(group));
  }
  co_return loaded;
}

/// In the order of their ages.
Task<Result<std::vector<std::string>>> GroupSnapshots::list_stored(model::PartitionIndex index) {
  const std::string prefix =
      std::string(segment::kGroupsPrefix) + std::to_string(index.value()) + "/";
  std::vector<std::string> keys;
  std::string after;
  for (bool more = true; more && !group_.stopping();) {
    SH_CO_TRY(const auto page, co_await ports_.objects.list(prefix, after, kPerPage));
    more = page.more;
    for (const objectstore::ObjectInfo& object : page.objects) {
      after = object.key;
      const auto name = segment::parse_key(object.key);
      if (name && std::holds_alternative<segment::GroupsKey>(*name)) keys.push_back(object.key);
    }
  }
  co_return keys;
}

Task<Status> GroupSnapshots::put(std::string key, LoadedGroups groups) {
  if (!cluster_) {
    SH_CO_TRY(cluster_, co_await ports_.metadata.cluster_info());
  }
  metadata::RowPacker rows;
  SH_CO_TRY_OK(rows.add(metadata::ClusterRow{.cluster = *cluster_}));
  for (const auto& [id, loaded] : groups) SH_CO_TRY_OK(rows.add(loaded.group));
  for (const auto& [id, loaded] : groups) {
    for (const metadata::CommittedOffset& offset : loaded.offsets) {
      SH_CO_TRY_OK(rows.add(metadata::StoredOffset{.group_id = id, .offset = offset}));
    }
  }
  SH_CO_TRY(base::Bytes bytes, rows.finish());
  objectstore::Chunks content;
  content.push_back(std::move(bytes));
  co_return co_await ports_.objects.put(std::move(key), std::move(content));
}

}  // namespace streamhouse::groups
