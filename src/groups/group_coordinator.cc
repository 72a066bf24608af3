#include "groups/group_coordinator.h"

#include <algorithm>

#include "groups/group_shard.h"
#include "runtime/retry/retry.h"

namespace streamhouse::groups {
namespace {

using base::Errc;

/// Groups looked at to make room for one: what a miss costs does not grow with their number.
constexpr int kLooksMax = 8;

}  // namespace

GroupCoordinator::GroupCoordinator(Ports ports, model::SessionId session,
                                   const metadata::Topic& offsets_topic, runtime::TaskGroup& group)
    : ports_(ports),
      session_(session),
      offsets_topic_(offsets_topic.no),
      shards_(offsets_topic.partition_count),
      group_(group) {}

model::TopicPartition GroupCoordinator::shard_of_group(const std::string& group_id) const {
  return {offsets_topic_, shard_of(group_id, shards_)};
}

base::Result<metadata::ShardGuard> GroupCoordinator::guard_of(const std::string& group_id) const {
  const model::TopicPartition shard = shard_of_group(group_id);
  const auto log = ports_.partitions.find(shard);
  if (!log || log->state() != partition::LogState::kLeading) {
    return {Errc::kNotLeader, "group " + group_id + " is not coordinated here"};
  }
  return metadata::ShardGuard{.shard = shard, .owner = session_, .epoch = log->epoch()};
}

/// The group's state under the present lease of its shard; what an earlier lease knew is dropped.
base::Result<GroupCoordinator::State> GroupCoordinator::state_of(const std::string& group_id) {
  SH_TRY(const metadata::ShardGuard guard, guard_of(group_id));
  const auto fresh = [&] {
    return std::make_shared<GroupState>(ports_.runtime, group_id, guard.epoch);
  };
  auto found = groups_.find(group_id);
  if (found == groups_.end()) {
    make_room();
    found = groups_.emplace(group_id, used_.insert(used_.end(), fresh())).first;
  }
  State& state = *found->second;
  used_.splice(used_.end(), used_, found->second);
  if (state->shard_epoch() != guard.epoch) state = fresh();
  state->used(ports_.runtime.now());
  return state;
}

void GroupCoordinator::make_room() {
  const runtime::MonoTime idle_since = ports_.runtime.now() - kIdleMax;
  for (int looks = 0; !used_.empty() && looks < kLooksMax; ++looks) {
    if (groups_.size() < kGroupsMax && used_.front()->used_at() > idle_since) return;
    if (!used_.front()->busy()) {
      groups_.erase(used_.front()->group_id());
      used_.pop_front();
    } else {
      used_.splice(used_.end(), used_, used_.begin());
    }
  }
}

runtime::Task<base::Status> GroupCoordinator::load(State state) {
  ++(state->loaded() ? use_.hits : use_.misses);
  if (state->loaded()) co_return base::Status{};
  const auto read = [this, &state] { return ports_.metadata.load_group(state->group_id()); };
  auto stored = co_await runtime::retry_until_known(ports_.runtime, group_, read);
  if (!stored && stored.error().code != Errc::kGroupNotFound) co_return stored.error();
  state->load(stored ? std::optional(std::move(stored->group)) : std::nullopt);
  co_return base::Status{};
}

runtime::Task<base::Status> GroupCoordinator::commit(
    std::string group_id, std::vector<metadata::CommittedOffset> offsets) {
  SH_CO_TRY(const State state, state_of(group_id));
  co_await state->take_turn();
  const base::Status written = co_await commit_in_turn(state, std::move(offsets));
  state->give_turn();
  co_return written;
}

/// A group that is not there begins above every number of a deletion in its shard.
std::int64_t GroupCoordinator::next_commit_no(const GroupState& state) const {
  if (state.exists()) return state.group().commit_no + 1;
  const auto floor = floors_.find(shard_of(state.group_id(), shards_));
  const bool counts = floor != floors_.end() && floor->second.epoch == state.shard_epoch();
  return (counts ? floor->second.commit_no : 0) + 1;
}

/// Before the deletion is sent: a group created while it is under way finds the number it needs.
void GroupCoordinator::raise_floor(const GroupState& state, std::int64_t deleted_no) {
  Floor& floor = floors_[shard_of(state.group_id(), shards_)];
  if (floor.epoch != state.shard_epoch()) floor = {.epoch = state.shard_epoch()};
  floor.commit_no = std::max(floor.commit_no, deleted_no);
}

/// The creation of a group came after a deletion that raised the floor above its number, which no
/// copy of it can pass any more.
bool GroupCoordinator::overtaken(const GroupState& state, std::int64_t commit_no,
                                 const base::Status& written) const {
  return !written && written.error().code == Errc::kConflict && !state.exists() &&
         next_commit_no(state) > commit_no;
}

runtime::Task<base::Status> GroupCoordinator::commit_in_turn(
    State state, std::vector<metadata::CommittedOffset> offsets) {
  SH_CO_TRY_OK(co_await load(state));
  SH_CO_TRY(metadata::ShardGuard guard, guard_of(state->group_id()));
  guard.epoch = state->shard_epoch();
  std::int64_t commit_no = 0;
  const auto write = [this, &state, &offsets, &guard, &commit_no] {
    return ports_.metadata.commit_offsets(guard, state->group_id(), commit_no, offsets);
  };
  base::Status written;
  do {
    commit_no = next_commit_no(*state);
    written = co_await runtime::retry_until_known(ports_.runtime, group_, write);
  } while (overtaken(*state, commit_no, written));
  if (written) state->committed(commit_no);
  co_return outcome(*state, written);
}

runtime::Task<base::Result<metadata::Group>> GroupCoordinator::ensure(std::string group_id) {
  SH_CO_TRY(const State state, state_of(group_id));
  co_await state->take_turn();
  const base::Status written = co_await save_in_turn(state);
  state->give_turn();
  SH_CO_TRY_OK(written);
  co_return state->group();
}

runtime::Task<base::Status> GroupCoordinator::save_in_turn(State state) {
  SH_CO_TRY_OK(co_await load(state));
  if (state->exists()) co_return base::Status{};
  SH_CO_TRY(metadata::ShardGuard guard, guard_of(state->group_id()));
  guard.epoch = state->shard_epoch();
  metadata::Group group = state->group();
  group.state = "Empty";
  const auto write = [this, &group, &guard] { return ports_.metadata.save_group(guard, group); };
  base::Status written;
  do {
    group.commit_no = next_commit_no(*state);
    written = co_await runtime::retry_until_known(ports_.runtime, group_, write);
  } while (overtaken(*state, group.commit_no, written));
  if (written) state->saved(group);
  co_return outcome(*state, written);
}

runtime::Task<base::Status> GroupCoordinator::remove(std::string group_id) {
  SH_CO_TRY(const State state, state_of(group_id));
  co_await state->take_turn();
  const base::Status removed = co_await remove_in_turn(state);
  state->give_turn();
  co_return removed;
}

runtime::Task<base::Status> GroupCoordinator::remove_in_turn(State state) {
  SH_CO_TRY_OK(co_await load(state));
  if (!state->exists()) {
    co_return base::Status(Errc::kGroupNotFound, "no group " + state->group_id());
  }
  SH_CO_TRY(metadata::ShardGuard guard, guard_of(state->group_id()));
  guard.epoch = state->shard_epoch();
  const std::int64_t commit_no = next_commit_no(*state);
  raise_floor(*state, commit_no);
  const auto write = [this, &state, guard, commit_no] {
    return ports_.metadata.delete_group(guard, state->group_id(), commit_no);
  };
  const base::Status removed = co_await runtime::retry_until_known(ports_.runtime, group_, write);
  if (removed) state->deleted();
  co_return outcome(*state, removed);
}

runtime::Task<base::Result<metadata::LoadedGroup>> GroupCoordinator::describe(
    std::string group_id) {
  const auto read = [this, &group_id] { return ports_.metadata.load_group(group_id); };
  co_return co_await runtime::retry_until_known(ports_.runtime, group_, read);
}

/// After anything but success or a definite refusal of the input, memory may be behind the store.
base::Status GroupCoordinator::outcome(GroupState& state, const base::Status& written) const {
  if (written) return {};
  state.forget();
  if (written.error().code != Errc::kFenced) return written;
  return {Errc::kNotLeader, "group " + state.group_id() + " is coordinated elsewhere now"};
}

}  // namespace streamhouse::groups
