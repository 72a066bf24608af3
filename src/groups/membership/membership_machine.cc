#include "groups/membership/membership_machine.h"

#include <algorithm>
#include <ranges>
#include <utility>

#include "base/check.h"

namespace streamhouse::groups {

using runtime::MonoTime;

namespace {

/// Of a member in memory, besides what it sent.
constexpr std::size_t kMemberBytes = 512;

}  // namespace

std::string_view group_phase_name(GroupPhase phase) {
  switch (phase) {
    case GroupPhase::kEmpty:
      return "Empty";
    case GroupPhase::kPreparingRebalance:
      return "PreparingRebalance";
    case GroupPhase::kCompletingRebalance:
      return "CompletingRebalance";
    case GroupPhase::kStable:
      return "Stable";
  }
  return "";
}

void MembershipMachine::restore(MembershipRecord record, MonoTime now) {
  SH_CHECK(generation_ == 0 && members_.empty(), "a group is restored before it is used");
  generation_ = record.generation;
  protocol_type_ = std::move(record.protocol_type);
  protocol_name_ = std::move(record.protocol_name);
  leader_id_ = std::move(record.leader_id);
  for (MemberRecord& each : record.members) {
    if (each.instance_id) statics_[*each.instance_id] = each.member_id;
    Member& member = members_[each.member_id];
    member.record = std::move(each);
    member.joined_no = ++joins_;
    member.is_new = false;
    member.synced = true;
    refresh(member, now);
  }
  phase_ = members_.empty() ? GroupPhase::kEmpty : GroupPhase::kStable;
}

MembershipError MembershipMachine::check_member(const MemberClaim& claim) const {
  if (claim.instance_id) {
    const auto known = statics_.find(*claim.instance_id);
    if (known == statics_.end()) return MembershipError::kUnknownMember;
    if (known->second != claim.member_id) return MembershipError::kFencedInstance;
  }
  if (!members_.contains(claim.member_id)) return MembershipError::kUnknownMember;
  if (claim.generation != generation_) return MembershipError::kIllegalGeneration;
  return MembershipError::kNone;
}

void MembershipMachine::sync(MonoTime now, CallId call, const SyncRequest& request) {
  MembershipError error = check_member(request.member);
  const auto differs = [](const std::optional<std::string>& given, const std::string& ours) {
    return given && *given != ours;
  };
  if (error == MembershipError::kNone && phase_ == GroupPhase::kPreparingRebalance)
    error = MembershipError::kRebalanceInProgress;
  if (error == MembershipError::kNone && (differs(request.protocol_type, protocol_type_) ||
                                          differs(request.protocol_name, protocol_name_))) {
    error = MembershipError::kInconsistentProtocol;
  }
  if (error != MembershipError::kNone) return refuse_sync(call, error);
  Member& member = members_.at(request.member.member_id);
  answer_sync(now, member, MembershipError::kRebalanceInProgress);  // an earlier call of the client
  member.sync_call = call;
  member.synced = true;
  refresh(member, now);
  if (phase_ == GroupPhase::kStable) return answer_sync(now, member, MembershipError::kNone);
  if (request.member.member_id == leader_id_ && !assigned_) take_assignments(request.assignments);
}

void MembershipMachine::take_assignments(const std::vector<Assignment>& assignments) {
  for (const Assignment& each : assignments) {
    const auto member = members_.find(each.member_id);
    if (member != members_.end()) member->second.record.assignment = each.content;
  }
  assigned_ = true;
  to_save_ = record();
}

void MembershipMachine::saved(MonoTime now, std::int32_t generation) {
  if (!awaits_save(generation)) return;
  phase_ = GroupPhase::kStable;
  for (Member& member : std::views::values(members_))
    answer_sync(now, member, MembershipError::kNone);
}

void MembershipMachine::save_refused(MonoTime now, std::int32_t generation) {
  if (!awaits_save(generation)) return;
  for (Member& member : std::views::values(members_)) {
    member.record.assignment = {};
    answer_sync(now, member, MembershipError::kCannotBeWritten);
  }
  start_rebalance(now);
}

MembershipError MembershipMachine::heartbeat(MonoTime now, const MemberClaim& claim) {
  const MembershipError error = check_member(claim);
  if (error != MembershipError::kNone) return error;
  refresh(members_.at(claim.member_id), now);
  return phase_ == GroupPhase::kPreparingRebalance ? MembershipError::kRebalanceInProgress
                                                   : MembershipError::kNone;
}

MembershipError MembershipMachine::leave(MonoTime now, const MemberClaim& claim) {
  if (promised_.erase(claim.member_id) > 0) {
    complete_join_if_all_are_there(now);
    return MembershipError::kNone;
  }
  MemberClaim member{claim.member_id, claim.instance_id, generation_};
  if (member.member_id.empty() && member.instance_id && statics_.contains(*member.instance_id))
    member.member_id = statics_.at(*member.instance_id);
  const MembershipError error = check_member(member);
  if (error != MembershipError::kNone) return error;
  remove(now, members_.find(member.member_id));
  after_removal(now);
  return MembershipError::kNone;
}

MembershipError MembershipMachine::check_commit(MonoTime now, const MemberClaim& claim) {
  const bool simple = claim.generation < 0 && claim.member_id.empty() && !claim.instance_id;
  if (members_.empty() && claim.generation < 0) return MembershipError::kNone;
  if (simple) return MembershipError::kUnknownMember;
  const MembershipError error = check_member(claim);
  if (error != MembershipError::kNone) return error;
  refresh(members_.at(claim.member_id), now);
  return phase_ == GroupPhase::kCompletingRebalance ? MembershipError::kRebalanceInProgress
                                                    : MembershipError::kNone;
}

void MembershipMachine::refresh(Member& member, MonoTime now) {
  if (!member.is_new) member.expires_at = now + member.record.session_timeout;
}

/// Whoever waits for an answer is heard of when it comes; only a new member may not wait forever.
std::optional<MonoTime> MembershipMachine::due_of(const Member& member) const {
  if (waits(member) && !member.is_new) return std::nullopt;
  return member.expires_at;
}

void MembershipMachine::tick(MonoTime now) {
  const auto is_over = [now](const auto& each) { return each.second <= now; };
  const bool waits_for_fewer = std::erase_if(promised_, is_over) > 0;
  if (expire_members(now)) {
    after_removal(now);
  } else if (waits_for_fewer) {  // nobody has gone: the others need not meet for it
    complete_join_if_all_are_there(now);
  }
  if (join_due_ && *join_due_ <= now) {
    if (delay_left_) return end_initial_delay(now);
    complete_join(now);
  }
}

/// Members that are silent, or do not ask for their assignment.
bool MembershipMachine::expire_members(MonoTime now) {
  const bool sync_over = sync_due_ && *sync_due_ <= now;
  if (sync_over) sync_due_.reset();
  bool gone = false;
  for (auto member = members_.begin(); member != members_.end();) {
    const auto here = member++;
    const auto due = due_of(here->second);
    if (!(due && *due <= now) && !(sync_over && !here->second.synced)) continue;
    remove(now, here);
    gone = true;
  }
  return gone;
}

void MembershipMachine::remove(MonoTime now, Members::iterator member) {
  if (const auto call = member->second.join_call)
    refuse_join(*call, MembershipError::kUnknownMember, member->first);
  answer_sync(now, member->second, MembershipError::kUnknownMember);
  if (member->second.record.instance_id) statics_.erase(*member->second.record.instance_id);
  if (leader_id_ == member->first) leader_id_.clear();
  members_.erase(member);
}

void MembershipMachine::after_removal(MonoTime now) {
  if (phase_ == GroupPhase::kStable || phase_ == GroupPhase::kCompletingRebalance)
    return start_rebalance(now);
  complete_join_if_all_are_there(now);
}

std::optional<MonoTime> MembershipMachine::next_due() const {
  std::optional<MonoTime> next;
  const auto consider = [&next](std::optional<MonoTime> due) {
    if (due && (!next || *due < *next)) next = due;
  };
  consider(join_due_);
  consider(sync_due_);
  for (const MonoTime until : std::views::values(promised_)) consider(until);
  for (const Member& member : std::views::values(members_)) consider(due_of(member));
  return next;
}

void MembershipMachine::abandon(MonoTime now) {
  for (auto& [id, member] : members_) {
    if (const auto call = std::exchange(member.join_call, std::nullopt))
      refuse_join(*call, MembershipError::kNotCoordinator, id);
    answer_sync(now, member, MembershipError::kNotCoordinator);
  }
}

MembershipRecord MembershipMachine::record() const {
  MembershipRecord record{.generation = generation_,
                          .protocol_type = protocol_type_,
                          .protocol_name = protocol_name_,
                          .leader_id = leader_id_};
  std::vector<const Member*> members;
  for (const Member& member : std::views::values(members_)) members.push_back(&member);
  std::ranges::sort(members, {}, [](const Member* member) { return member->joined_no; });
  for (const Member* member : members) record.members.push_back(member->record);
  return record;
}

const MemberRecord* MembershipMachine::find(const std::string& member_id,
                                            const std::optional<std::string>& instance_id) const {
  const bool by_instance = member_id.empty() && instance_id && statics_.contains(*instance_id);
  const auto member = members_.find(by_instance ? statics_.at(*instance_id) : member_id);
  return member == members_.end() ? nullptr : &member->second.record;
}

std::size_t MembershipMachine::bytes() const {
  std::size_t bytes = promised_.size() * kMemberBytes;
  for (const auto& [id, member] : members_) {
    const MemberRecord& record = member.record;
    bytes += kMemberBytes + 2 * id.size() + record.client_id.size() + record.client_host.size() +
             record.instance_id.value_or("").size() + record.assignment.size();
    for (const Protocol& protocol : record.protocols)
      bytes += sizeof(Protocol) + protocol.name.size() + protocol.metadata.size();
  }
  return bytes;
}

void MembershipMachine::answer_sync(MonoTime now, Member& member, MembershipError error) {
  const auto call = std::exchange(member.sync_call, std::nullopt);
  if (!call) return;
  refresh(member, now);  // it could not be heard of while it waited
  if (error != MembershipError::kNone) return refuse_sync(*call, error);
  answers_.push_back({.call = *call,
                      .content = SyncAnswer{.protocol_type = protocol_type_,
                                            .protocol_name = protocol_name_,
                                            .assignment = member.record.assignment}});
}

void MembershipMachine::refuse_sync(CallId call, MembershipError error) {
  answers_.push_back({.call = call, .content = SyncAnswer{.error = error}});
}

}  // namespace streamhouse::groups
