// The committed offsets of groups, and groups as a whole.
#include <tuple>

#include "groups/group_coordinator.h"
#include "runtime/retry/retry.h"

namespace streamhouse::groups {
namespace {

using base::Errc;
using base::Result;
using base::Status;
using runtime::Task;

base::Error no_answer_in_time(const std::string& group_id) {
  return {Errc::kUnknownOutcome, "the database has not answered in time: group " + group_id};
}

Status still_has_members(const GroupState& state) {
  return {Errc::kConflict, "group " + state.group_id() + " has members"};
}

}  // namespace

Task<Result<MembershipError>> GroupCoordinator::commit(CommitRequest request) {
  SH_CO_TRY(const State state, table_.state_of(request.group_id));
  co_await state->take_turn();
  auto answer = co_await commit_in_turn(state, std::move(request));
  state->give_turn();
  co_return answer;
}

Task<Result<MembershipError>> GroupCoordinator::commit_in_time(CommitRequest request) {
  SH_CO_TRY(const State state, table_.state_of(request.group_id));
  if (group_.stopping()) co_return base::Error(Errc::kNotLeader, "the session ends");
  // Its member is heard of now: when its turn comes, the member's session might be over.
  if (state->loaded()) std::ignore = state->members()->check_commit(request.member);
  const runtime::MonoTime deadline = ports_.runtime.now() + config_.commit_patience;
  const CommitAnswer answer(ports_.runtime);
  group_.spawn(commit_before(deadline, state, std::move(request), answer));
  const auto answered = co_await answer.wait_until(deadline);
  if (answered) co_return *answered;
  co_return no_answer_in_time(state->group_id());
}

Task<void> GroupCoordinator::commit_before(runtime::MonoTime deadline, State state,
                                           CommitRequest request, CommitAnswer answer) {
  const bool in_turn = co_await state->take_turn_before(deadline);
  if (!in_turn) co_return answer.set(no_answer_in_time(state->group_id()));
  auto committed = co_await commit_in_turn(state, std::move(request));
  state->give_turn();
  answer.set(std::move(committed));
}

/// The claim is looked at in the turn: no other generation's assignment is written before these
/// offsets are.
Task<Result<MembershipError>> GroupCoordinator::commit_in_turn(State state, CommitRequest request) {
  SH_CO_TRY_OK(co_await load(state));
  const bool is_there = state->exists() || state->has_live_members();
  if (!is_there && request.member.generation >= 0)
    co_return base::Error(Errc::kGroupNotFound, "there is no group " + state->group_id());
  const MembershipError refused = state->members()->check_commit(request.member);
  if (refused != MembershipError::kNone) co_return refused;
  SH_CO_TRY_OK(co_await writer_.commit(state, std::move(request.offsets)));
  co_return MembershipError::kNone;
}

Task<Result<std::vector<metadata::CommittedOffset>>> GroupCoordinator::fetch(
    std::string group_id, std::vector<model::TopicPartition> keys) {
  const auto read = [this, &group_id, &keys] {
    return ports_.metadata.fetch_offsets(group_id, keys);
  };
  co_return co_await runtime::retry_until_known(ports_.runtime, group_, read);
}

Task<Status> GroupCoordinator::delete_offsets(std::string group_id,
                                              std::vector<model::TopicPartition> keys,
                                              GroupWithMembers with_members) {
  SH_CO_TRY(const State state, table_.state_of(group_id));
  co_await state->take_turn();
  Status deleted = co_await delete_offsets_in_turn(state, std::move(keys), with_members);
  state->give_turn();
  co_return deleted;
}

Task<Status> GroupCoordinator::delete_offsets_in_turn(State state,
                                                      std::vector<model::TopicPartition> keys,
                                                      GroupWithMembers with_members) {
  SH_CO_TRY_OK(co_await load(state));
  const bool refuse = with_members == GroupWithMembers::kRefuse;
  if (refuse && state->members()->machine().has_members()) co_return still_has_members(*state);
  co_return co_await writer_.delete_offsets(state, std::move(keys));
}

Task<Result<metadata::Group>> GroupCoordinator::ensure(std::string group_id) {
  SH_CO_TRY(const State state, table_.state_of(group_id));
  co_await state->take_turn();
  const Status written = co_await save_in_turn(state);
  state->give_turn();
  SH_CO_TRY_OK(written);
  co_return state->group();
}

Task<Status> GroupCoordinator::save_in_turn(State state) {
  SH_CO_TRY_OK(co_await load(state));
  if (state->exists()) co_return Status{};
  metadata::Group group = state->group();
  group.state = "Empty";
  co_return co_await writer_.save(state, std::move(group));
}

Task<Status> GroupCoordinator::remove(std::string group_id) {
  SH_CO_TRY(const State state, table_.state_of(group_id));
  co_await state->take_turn();
  Status removed = co_await remove_in_turn(state);
  state->give_turn();
  co_return removed;
}

Task<Status> GroupCoordinator::remove_in_turn(State state) {
  SH_CO_TRY_OK(co_await load(state));
  if (state->members()->machine().has_members()) co_return still_has_members(*state);
  co_return co_await writer_.remove(state);
}

}  // namespace streamhouse::groups
