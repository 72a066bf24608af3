#include <algorithm>
#include <ranges>
#include <utility>

#include "groups/membership/membership_machine.h"

namespace streamhouse::groups {

using runtime::MonoTime;

void MembershipMachine::start_rebalance(MonoTime now) {
  for (Member& member : std::views::values(members_))
    answer_sync(now, member, MembershipError::kRebalanceInProgress);
  const bool first = phase_ == GroupPhase::kEmpty;
  phase_ = GroupPhase::kPreparingRebalance;
  assigned_ = false;
  sync_due_.reset();
  join_due_ = now + rebalance_timeout();
  if (first && limits_.initial_rebalance_delay > runtime::Duration::zero()) {
    const auto delay = std::min(limits_.initial_rebalance_delay, rebalance_timeout());
    delay_left_ = rebalance_timeout() - delay;
    joined_in_delay_ = false;
    join_due_ = now + delay;
  }
  complete_join_if_all_are_there(now);
}

/// More members have come while the first ones waited: perhaps more are coming.
void MembershipMachine::end_initial_delay(MonoTime now) {
  const auto more = std::min(limits_.initial_rebalance_delay, *delay_left_);
  if (std::exchange(joined_in_delay_, false) && more > runtime::Duration::zero()) {
    *delay_left_ -= more;
    join_due_ = now + more;
    return;
  }
  delay_left_.reset();
  complete_join(now);
}

void MembershipMachine::complete_join_if_all_are_there(MonoTime now) {
  if (phase_ != GroupPhase::kPreparingRebalance || delay_left_) return;
  if (!promised_.empty()) return;
  const auto joined = [](const Member& member) { return member.join_call.has_value(); };
  if (std::ranges::all_of(std::views::values(members_), joined)) complete_join(now);
}

/// Whoever has not joined is out; a static member keeps its place until its session ends.
void MembershipMachine::complete_join(MonoTime now) {
  for (auto member = members_.begin(); member != members_.end();) {
    const auto here = member++;
    if (!here->second.join_call && !here->second.record.instance_id) remove(now, here);
  }
  if (!members_.empty() && !elect_leader()) {
    join_due_ = now + rebalance_timeout();
    return;
  }
  join_due_.reset();
  begin_generation(now);
}

/// The leader stays if it has joined; else it is the one of those who have that joined the group
/// first. Returns false if nobody has.
bool MembershipMachine::elect_leader() {
  const auto leader = members_.find(leader_id_);
  if (leader != members_.end() && leader->second.join_call) return true;
  const Member* first = nullptr;
  for (const Member& member : std::views::values(members_))
    if (member.join_call && (first == nullptr || member.joined_no < first->joined_no))
      first = &member;
  if (first != nullptr) leader_id_ = first->record.member_id;
  return first != nullptr;
}

void MembershipMachine::begin_generation(MonoTime now) {
  ++generation_;
  if (members_.empty()) {
    phase_ = GroupPhase::kEmpty;
    protocol_name_.clear();
    leader_id_.clear();
    to_save_ = record();
    return;
  }
  phase_ = GroupPhase::kCompletingRebalance;
  protocol_name_ = chosen_protocol();
  sync_due_ = now + rebalance_timeout();
  for (auto& [id, member] : members_) {
    member.synced = false;
    member.record.assignment = {};
    const auto call = std::exchange(member.join_call, std::nullopt);
    if (!call) continue;
    member.is_new = false;
    refresh(member, now);
    answer_join(member, *call, id == leader_id_);
  }
}

/// Each member votes for the protocol that it prefers of those that all know.
std::string MembershipMachine::chosen_protocol() const {
  std::map<std::string, int> votes;
  for (const Member& member : std::views::values(members_)) {
    const auto preferred = std::ranges::find_if(
        member.record.protocols, [this](const Protocol& each) { return known_to_all(each); });
    if (preferred != member.record.protocols.end()) ++votes[preferred->name];
  }
  const auto fewer = [](const auto& a, const auto& b) { return a.second < b.second; };
  const auto chosen = std::ranges::max_element(votes, fewer);
  return chosen == votes.end() ? std::string() : chosen->first;
}

runtime::Duration MembershipMachine::rebalance_timeout() const {
  runtime::Duration longest{};
  for (const Member& member : std::views::values(members_))
    longest = std::max(longest, member.record.rebalance_timeout);
  return longest;
}

}  // namespace streamhouse::groups
