#include "groups/group_table.h"

#include "groups/group_shard.h"

namespace streamhouse::groups {
namespace {

using base::Errc;

/// Groups looked at to make room for one: what a miss costs does not grow with their number.
constexpr int kLooksMax = 8;

}  // namespace

GroupTable::GroupTable(runtime::Runtime& runtime, partition::PartitionTable& partitions,
                       model::SessionId session, const metadata::Topic& offsets_topic)
    : runtime_(runtime),
      partitions_(partitions),
      session_(session),
      offsets_topic_(offsets_topic.no),
      shards_(offsets_topic.partition_count) {}

model::TopicPartition GroupTable::shard_of_group(const std::string& group_id) const {
  return {offsets_topic_, shard_of(group_id, shards_)};
}

base::Result<metadata::ShardGuard> GroupTable::guard_of(const std::string& group_id) const {
  const model::TopicPartition shard = shard_of_group(group_id);
  const auto log = partitions_.find(shard);
  if (closed_ || !log || log->state() != partition::LogState::kLeading) {
    return {Errc::kNotLeader, "group " + group_id + " is not coordinated here"};
  }
  return metadata::ShardGuard{.shard = shard, .owner = session_, .epoch = log->epoch()};
}

base::Result<State> GroupTable::state_of(const std::string& group_id) {
  SH_TRY(const metadata::ShardGuard guard, guard_of(group_id));
  const auto fresh = [&] { return std::make_shared<GroupState>(runtime_, group_id, guard); };
  auto found = groups_.find(group_id);
  if (found == groups_.end()) {
    make_room();
    found = groups_.emplace(group_id, used_.insert(used_.end(), fresh())).first;
  }
  State& state = *found->second;
  used_.splice(used_.end(), used_, found->second);
  if (state->guard().epoch != guard.epoch) {
    state->forget();
    state = fresh();
  }
  state->used(runtime_.now());
  return state;
}

State GroupTable::find(const std::string& group_id) const {
  const auto found = groups_.find(group_id);
  const auto guard = guard_of(group_id);
  if (found == groups_.end() || !guard) return nullptr;
  const State& state = *found->second;
  return state->guard().epoch == guard->epoch ? state : nullptr;
}

void GroupTable::close() {
  closed_ = true;
  for (const State& state : used_) state->forget();
}

void GroupTable::make_room() {
  const runtime::MonoTime idle_since = runtime_.now() - kIdleMax;
  for (int looks = 0; !used_.empty() && looks < kLooksMax; ++looks) {
    const State& oldest = used_.front();
    if (groups_.size() < kGroupsMax && oldest->used_at() > idle_since) return;
    if (!oldest->busy() && !oldest->has_live_members()) {
      groups_.erase(oldest->group_id());
      used_.pop_front();
    } else {
      used_.splice(used_.end(), used_, used_.begin());
    }
  }
}

}  // namespace streamhouse::groups
