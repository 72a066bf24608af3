#include "groups/group_writer.h"

#include <algorithm>

#include "runtime/retry/retry.h"

namespace streamhouse::groups {
namespace {

using base::Errc;
using base::Status;
using runtime::Task;

Status no_such_group(const GroupState& state) {
  return {Errc::kGroupNotFound, "no group " + state.group_id()};
}

}  // namespace

Task<Status> GroupWriter::load(State state) {
  ++(state->loaded() ? use_.hits : use_.misses);
  if (state->loaded()) co_return Status{};
  const auto read = [this, &state] { return metadata_.load_group(state->group_id()); };
  auto stored = co_await runtime::retry_until_known(runtime_, group_, read);
  if (!stored && stored.error().code != Errc::kGroupNotFound) co_return stored.error();
  co_return state->load(stored ? std::optional(std::move(stored->group)) : std::nullopt, limits_);
}

/// A group that is not there begins above every number of a deletion in its shard.
std::int64_t GroupWriter::next_commit_no(const GroupState& state) const {
  if (state.exists()) return state.group().commit_no + 1;
  const auto floor = floors_.find(state.guard().shard);
  const bool counts = floor != floors_.end() && floor->second.epoch == state.guard().epoch;
  return (counts ? floor->second.commit_no : 0) + 1;
}

/// Before the deletion is sent: a group created while it is under way finds the number it needs.
void GroupWriter::raise_floor(const GroupState& state, std::int64_t deleted_no) {
  Floor& floor = floors_[state.guard().shard];
  if (floor.epoch != state.guard().epoch) floor = {.epoch = state.guard().epoch};
  floor.commit_no = std::max(floor.commit_no, deleted_no);
}

/// The creation of a group came after a deletion that raised the floor above its number, which no
/// copy of it can pass any more.
bool GroupWriter::overtaken(const GroupState& state, std::int64_t commit_no,
                            const Status& written) const {
  return !written && written.error().code == Errc::kConflict && !state.exists() &&
         next_commit_no(state) > commit_no;
}

Task<Status> GroupWriter::write(State state, Write write) {
  std::int64_t commit_no = 0;
  const auto send = [&write, &commit_no] { return write(commit_no); };
  Status written;
  do {
    commit_no = next_commit_no(*state);
    written = co_await runtime::retry_until_known(runtime_, group_, send);
  } while (overtaken(*state, commit_no, written));
  if (written) state->committed(commit_no);
  co_return outcome(*state, written);
}

Task<Status> GroupWriter::commit(State state, std::vector<metadata::CommittedOffset> offsets) {
  const Write send = [this, &state, &offsets](std::int64_t commit_no) {
    return metadata_.commit_offsets(state->guard(), state->group_id(), commit_no, offsets);
  };
  co_return co_await write(state, send);
}

Task<Status> GroupWriter::save(State state, metadata::Group group) {
  const Write send = [this, &state, &group](std::int64_t commit_no) {
    group.commit_no = commit_no;
    return metadata_.save_group(state->guard(), group);
  };
  const Status written = co_await write(state, send);
  if (written) state->saved(std::move(group));
  co_return written;
}

Task<Status> GroupWriter::delete_offsets(State state, std::vector<model::TopicPartition> keys) {
  if (!state->exists()) co_return no_such_group(*state);
  const Write send = [this, &state, &keys](std::int64_t commit_no) {
    return metadata_.delete_offsets(state->guard(), state->group_id(), commit_no, keys);
  };
  co_return co_await write(state, send);
}

Task<Status> GroupWriter::remove(State state) {
  if (!state->exists()) co_return no_such_group(*state);
  const std::int64_t commit_no = next_commit_no(*state);
  raise_floor(*state, commit_no);
  const auto send = [this, &state, commit_no] {
    return metadata_.delete_group(state->guard(), state->group_id(), commit_no);
  };
  const Status removed = co_await runtime::retry_until_known(runtime_, group_, send);
  if (removed) state->deleted();
  co_return outcome(*state, removed);
}

bool GroupWriter::is_refusal(const Status& written) {
  if (written) return false;
  const Errc code = written.error().code;
  return code == Errc::kPartitionNotFound || code == Errc::kInvalid || code == Errc::kTooLarge;
}

/// After anything but success or a definite refusal of the input, memory may be behind the store.
Status GroupWriter::outcome(GroupState& state, const Status& written) {
  if (is_refusal(written)) return written;
  if (snapshots_ != nullptr) snapshots_->changed(state.guard().shard);
  if (written) return written;
  state.forget();
  if (written.error().code != Errc::kFenced) return written;
  return {Errc::kNotLeader, "group " + state.group_id() + " is coordinated elsewhere now"};
}

}  // namespace streamhouse::groups
