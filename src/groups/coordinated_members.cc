// The members of groups: what they call, what is written down of them, and what time does to them.
#include <algorithm>

#include "groups/group_coordinator.h"
#include "groups/membership/member_records.h"

namespace streamhouse::groups {
namespace {

using base::Errc;
using base::Result;
using runtime::MonoTime;
using runtime::Task;

/// A lease that is lost is noticed by those who wait within this time.
constexpr auto kLookAgain = std::chrono::milliseconds(500);
/// In a rebalance that nobody may wait for, members would never meet; a longer timeout than the
/// protocol can say cannot be written down.
constexpr runtime::Duration kRebalanceTimeoutMin = std::chrono::milliseconds(1);
constexpr runtime::Duration kRebalanceTimeoutMax =
    std::chrono::milliseconds(std::numeric_limits<std::int32_t>::max());

/// Of a request to join, or of a member.
template <class Member>
std::size_t bytes_of(const Member& member) {
  std::size_t bytes = member.member_id.size() + member.client_id.size();
  for (const Protocol& protocol : member.protocols)
    bytes += sizeof(Protocol) + protocol.name.size() + protocol.metadata.size();
  return bytes;
}

/// What it assigns; nothing, but for the leader.
std::size_t bytes_of(const SyncRequest& request) {
  std::size_t bytes = 0;
  for (const Assignment& each : request.assignments)
    bytes += sizeof(Assignment) + each.member_id.size() + each.content.size();
  return bytes;
}

}  // namespace

/// The group in memory, as it is under the present lease.
Task<Result<State>> GroupCoordinator::enter(std::string group_id) {
  SH_CO_TRY(const State state, table_.state_of(group_id));
  if (!state->loaded()) {
    co_await state->take_turn();
    const base::Status loaded = co_await load(state);
    state->give_turn();
    SH_CO_TRY_OK(loaded);
  }
  if (!table_.is_current(state) || !state->loaded())
    co_return base::Error(Errc::kNotLeader, "group " + group_id + " was let go meanwhile");
  co_return state;
}

/// In the group's turn. The lease may have begun to end while the turn was waited for.
Task<base::Status> GroupCoordinator::load(State state) {
  const bool loads = !state->loaded();
  SH_CO_TRY_OK(co_await writer_.load(state));
  SH_CO_TRY([[maybe_unused]] const auto guard, table_.guard_of(state->group_id()));
  if (loads) follow(state);
  co_return base::Status{};
}

/// As Kafka makes them: a name that people know, and a random UUID.
std::string GroupCoordinator::fresh_member_id(const JoinRequest& request) {
  model::TopicId uuid;
  for (auto& byte : uuid.bytes) byte = static_cast<std::uint8_t>(ports_.runtime.random().next());
  return request.instance_id.value_or(request.client_id) + "-" + to_string(uuid);
}

/// Whether groups may grow by so much. Whoever wants no more than it has always may.
base::Status GroupCoordinator::check_room(std::size_t bytes) const {
  if (bytes == 0 || members_bytes_ + bytes <= config_.members_bytes_max) return {};
  return {Errc::kThrottled, "the members of all groups here take " +
                                std::to_string(members_bytes_) + " of at most " +
                                std::to_string(config_.members_bytes_max) + " bytes"};
}

Task<Result<JoinAnswer>> GroupCoordinator::join(ClientId client, std::string group_id,
                                                JoinRequest request) {
  const auto call = waiting_.emplace(client, Waiting{});
  auto answer = co_await join_group(call, std::move(group_id), std::move(request));
  waiting_.erase(call);
  co_return answer;
}

Task<Result<SyncAnswer>> GroupCoordinator::sync(ClientId client, std::string group_id,
                                                SyncRequest request) {
  const auto call = waiting_.emplace(client, Waiting{});
  auto answer = co_await sync_group(call, std::move(group_id), std::move(request));
  waiting_.erase(call);
  co_return answer;
}

void GroupCoordinator::end_calls(ClientId client) {
  const auto [first, last] = waiting_.equal_range(client);
  for (auto call = first; call != last; ++call) {
    call->second.client_gone = true;
    if (const auto members = call->second.members) members->end_calls(client);
  }
}

/// For a call that may wait. Whose client has gone meanwhile must not begin to.
Task<Result<State>> GroupCoordinator::enter(std::string group_id, WaitingCalls::iterator call) {
  SH_CO_TRY(const State state, co_await enter(std::move(group_id)));
  if (call->second.client_gone) co_return base::Error(Errc::kStopped, "the client is gone");
  call->second.members = state->members();
  co_return state;
}

Task<Result<JoinAnswer>> GroupCoordinator::join_group(WaitingCalls::iterator call,
                                                      std::string group_id, JoinRequest request) {
  SH_CO_TRY(const State state, co_await enter(std::move(group_id), call));
  const MembershipMachine& machine = state->members()->machine();
  const MemberRecord* known = machine.find(request.member_id, request.instance_id);
  const std::size_t had = known != nullptr ? bytes_of(*known) : 0;
  SH_CO_TRY_OK(check_room(std::max(bytes_of(request), had) - had));
  request.rebalance_timeout =
      std::clamp(request.rebalance_timeout, kRebalanceTimeoutMin, kRebalanceTimeoutMax);
  std::string fresh_id = fresh_member_id(request);
  const auto wait = state->members()->join(call->first, std::move(request), std::move(fresh_id));
  settle(state);
  co_return co_await wait.take();
}

Task<Result<SyncAnswer>> GroupCoordinator::sync_group(WaitingCalls::iterator call,
                                                      std::string group_id, SyncRequest request) {
  SH_CO_TRY(const State state, co_await enter(std::move(group_id), call));
  SH_CO_TRY_OK(check_room(bytes_of(request)));
  const auto wait = state->members()->sync(call->first, request);
  settle(state);
  co_return co_await wait.take();
}

Task<Result<MembershipError>> GroupCoordinator::heartbeat(std::string group_id,
                                                          MemberClaim member) {
  SH_CO_TRY(const State state, co_await enter(std::move(group_id)));
  co_return state->members()->heartbeat(member);  // what is due later is noticed in time
}

Task<Result<std::vector<MembershipError>>> GroupCoordinator::leave(
    std::string group_id, std::vector<MemberClaim> members) {
  SH_CO_TRY(const State state, co_await enter(std::move(group_id)));
  std::vector<MembershipError> answers;
  for (const MemberClaim& member : members) answers.push_back(state->members()->leave(member));
  settle(state);
  co_return answers;
}

/// What must be done after members have called.
void GroupCoordinator::settle(const State& state) {
  const auto members = state->members();
  if (auto record = members->take_record())
    group_.spawn(write_members(state, members, *std::move(record)));
  follow(state);
}

/// Sees to it that time goes on for the group as long as somebody is in it.
void GroupCoordinator::follow(const State& state) {
  if (!table_.is_current(state)) return;
  const std::string& id = state->group_id();
  if (!state->has_live_members()) return let_go(id);
  const MembershipMachine& machine = state->members()->machine();
  Live& live = live_[id];
  members_bytes_ -= live.bytes;
  live = {.state = state, .bytes = machine.bytes()};
  members_bytes_ += live.bytes;
  const auto next = due_.next();
  due_.set(id, machine.next_due());
  if (!std::exchange(keeping_time_, true)) return group_.spawn(keep_time());
  if (due_.next() != next) wake_.notify_all();
}

void GroupCoordinator::let_go(const std::string& group_id) {
  due_.set(group_id, std::nullopt);
  const auto known = live_.find(group_id);
  if (known == live_.end()) return;
  members_bytes_ -= known->second.bytes;
  live_.erase(known);
}

Task<void> GroupCoordinator::write_members(State state, std::shared_ptr<MembershipCalls> members,
                                           MembershipRecord record) {
  co_await state->take_turn();
  if (state->members() == members) {
    metadata::Group group = state->group();
    group.group_id = state->group_id();
    write_membership(record, group);
    const base::Status written = co_await writer_.save(state, std::move(group));
    if (written) members->written();
    if (GroupWriter::is_refusal(written)) members->refused();
  }
  state->give_turn();
  if (state->members() == members) settle(state);
}

/// Runs while there is anybody in any group.
Task<void> GroupCoordinator::keep_time() {
  MonoTime look_at = ports_.runtime.now() + kLookAgain;
  while (!live_.empty() && !over()) {
    const MonoTime due = std::min(due_.next().value_or(look_at), look_at);
    co_await wake_.wait_until(due);
    for (const std::string& id : due_.take(ports_.runtime.now())) tick(id);
    if (ports_.runtime.now() < look_at) continue;
    forget_lost_groups();
    look_at = ports_.runtime.now() + kLookAgain;
  }
  keeping_time_ = false;
}

void GroupCoordinator::tick(const std::string& group_id) {
  const auto found = live_.find(group_id);
  if (found == live_.end()) return;
  const State state = found->second.state;
  if (!state->loaded() || !table_.is_current(state)) return;
  state->members()->tick();
  settle(state);
}

/// Those whose shard is led elsewhere by now, and those whose record could not be written.
void GroupCoordinator::forget_lost_groups() {
  std::vector<State> lost;
  for (const auto& [id, live] : live_)
    if (!live.state->loaded() || !table_.is_current(live.state)) lost.push_back(live.state);
  for (const State& state : lost) {
    state->forget();
    let_go(state->group_id());
  }
}

}  // namespace streamhouse::groups
