#include <algorithm>
#include <ranges>
#include <utility>

#include "groups/membership/membership_machine.h"

namespace streamhouse::groups {

using runtime::MonoTime;

namespace {

/// Clients name a few. Each is compared with those of all members, on the core's thread.
constexpr std::size_t kProtocolsMax = 64;

}  // namespace

void MembershipMachine::join(MonoTime now, CallId call, JoinRequest request, std::string fresh_id) {
  if (const auto error = refusal_of_join(request); error != MembershipError::kNone)
    return refuse_join(call, error, request.member_id);
  if (request.member_id.empty())
    return join_new(now, call, std::move(request), std::move(fresh_id));
  join_known(now, call, std::move(request));
}

MembershipError MembershipMachine::refusal_of_join(const JoinRequest& request) const {
  if (request.session_timeout < limits_.session_timeout_min ||
      request.session_timeout > limits_.session_timeout_max) {
    return MembershipError::kInvalidSessionTimeout;
  }
  const std::string& id = request.member_id;
  const bool is_promised = promised_.contains(id);
  // Static members are given their id with their place, never a promise of it.
  if (is_promised && request.instance_id) return MembershipError::kUnknownMember;
  if (!id.empty() && !is_promised) {
    const MembershipError error = check_member({id, request.instance_id, generation_});
    if (error != MembershipError::kNone) return error;
  }
  if (!supports(request)) return MembershipError::kInconsistentProtocol;
  const bool more = !members_.contains(id) && !is_promised &&
                    !(request.instance_id && statics_.contains(*request.instance_id));
  if (more && members_.size() + promised_.size() >= limits_.members_max)
    return MembershipError::kGroupFull;
  return MembershipError::kNone;
}

/// Whether one protocol of the member is known to every member.
bool MembershipMachine::supports(const JoinRequest& request) const {
  if (request.protocols.size() > kProtocolsMax) return false;
  if (members_.empty()) return !request.protocol_type.empty() && !request.protocols.empty();
  if (request.protocol_type != protocol_type_) return false;
  return std::ranges::any_of(request.protocols,
                             [this](const Protocol& protocol) { return known_to_all(protocol); });
}

bool MembershipMachine::known_to_all(const Protocol& protocol) const {
  return std::ranges::all_of(std::views::values(members_), [&protocol](const Member& member) {
    return std::ranges::count(member.record.protocols, protocol.name, &Protocol::name) > 0;
  });
}

void MembershipMachine::join_new(MonoTime now, CallId call, JoinRequest request,
                                 std::string fresh_id) {
  if (request.instance_id && statics_.contains(*request.instance_id))
    return replace_static(now, call, std::move(request), fresh_id);
  if (!request.instance_id && request.new_member == JoinRequest::NewMember::kIsGivenAnIdFirst) {
    promised_[fresh_id] = now + request.session_timeout;
    return refuse_join(call, MembershipError::kMemberIdRequired, std::move(fresh_id));
  }
  request.member_id = std::move(fresh_id);
  add_member(now, call, std::move(request));
}

void MembershipMachine::join_known(MonoTime now, CallId call, JoinRequest request) {
  if (promised_.erase(request.member_id) > 0) return add_member(now, call, std::move(request));
  Member& member = members_.at(request.member_id);
  const bool changed = member.record.protocols != request.protocols;
  const bool leads = member.record.member_id == leader_id_;
  const bool goes_on = phase_ == GroupPhase::kStable
                           ? !changed && !leads
                           : phase_ == GroupPhase::kCompletingRebalance && !changed;
  if (!goes_on) return rejoin(now, call, std::move(request), member);
  refresh(member, now);
  answer_join(member, call, leads);
}

void MembershipMachine::add_member(MonoTime now, CallId call, JoinRequest request) {
  if (members_.empty()) protocol_type_ = request.protocol_type;
  if (request.instance_id) statics_[*request.instance_id] = request.member_id;
  Member& member = members_[request.member_id];
  member.joined_no = ++joins_;
  member.expires_at = now + limits_.new_member_join_max;
  member.record.instance_id = request.instance_id;
  joined_in_delay_ = true;
  rejoin(now, call, std::move(request), member);
}

/// A static member that was started again: it has its place, under a new id.
void MembershipMachine::replace_static(MonoTime now, CallId call, JoinRequest request,
                                       const std::string& fresh_id) {
  const auto old = members_.find(statics_.at(*request.instance_id));
  Member moved = std::move(old->second);
  const std::string old_id = old->first;
  members_.erase(old);
  if (const auto waiting = std::exchange(moved.join_call, std::nullopt))
    refuse_join(*waiting, MembershipError::kFencedInstance, old_id);
  if (const auto waiting = std::exchange(moved.sync_call, std::nullopt))
    refuse_sync(*waiting, MembershipError::kFencedInstance);
  const bool led = leader_id_ == old_id;
  if (led) leader_id_ = fresh_id;
  statics_[*request.instance_id] = fresh_id;
  request.member_id = moved.record.member_id = fresh_id;
  Member& member = members_[fresh_id] = std::move(moved);
  member.record.protocols = request.protocols;
  // What it says to its protocol is its assignor's matter: some put in what they had last.
  if (phase_ != GroupPhase::kStable || chosen_protocol() != protocol_name_)
    return rejoin(now, call, std::move(request), member);
  member.record.client_id = request.client_id;
  member.record.client_host = request.client_host;
  member.record.session_timeout = request.session_timeout;
  member.record.rebalance_timeout = request.rebalance_timeout;
  refresh(member, now);
  to_save_ = record();
  // A client that cannot skip must not take itself for the leader, or it would assign anew.
  answer_join(member, call, led && request.can_skip_assignment);
  auto& answer = std::get<JoinAnswer>(answers_.back().content);
  answer.skip_assignment = led && request.can_skip_assignment;
  if (led && !request.can_skip_assignment) answer.leader_id = old_id;
}

/// The member waits for the next generation.
void MembershipMachine::rejoin(MonoTime now, CallId call, JoinRequest request, Member& member) {
  await_join(call, std::move(request), member);
  if (phase_ != GroupPhase::kPreparingRebalance) return start_rebalance(now);
  complete_join_if_all_are_there(now);
}

void MembershipMachine::await_join(CallId call, JoinRequest request, Member& member) {
  if (member.join_call)  // the client asks again, perhaps on another connection
    refuse_join(*member.join_call, MembershipError::kRebalanceInProgress, request.member_id);
  member.join_call = call;
  member.record = {.member_id = std::move(request.member_id),
                   .instance_id = std::move(member.record.instance_id),  // for as long as it lives
                   .client_id = std::move(request.client_id),
                   .client_host = std::move(request.client_host),
                   .session_timeout = request.session_timeout,
                   .rebalance_timeout = request.rebalance_timeout,
                   .protocols = std::move(request.protocols),
                   .assignment = std::move(member.record.assignment)};
}

void MembershipMachine::answer_join(const Member& member, CallId call, bool with_members) {
  JoinAnswer answer{.generation = generation_,
                    .protocol_type = protocol_type_,
                    .protocol_name = protocol_name_,
                    .leader_id = leader_id_,
                    .member_id = member.record.member_id};
  if (with_members) {
    for (const auto& [id, other] : members_) {
      const auto protocol =
          std::ranges::find(other.record.protocols, protocol_name_, &Protocol::name);
      answer.members.push_back({.member_id = id,
                                .instance_id = other.record.instance_id,
                                .metadata = protocol == other.record.protocols.end()
                                                ? base::Bytes()
                                                : protocol->metadata});
    }
  }
  answers_.push_back({.call = call, .content = std::move(answer)});
}

void MembershipMachine::refuse_join(CallId call, MembershipError error, std::string member_id) {
  answers_.push_back(
      {.call = call, .content = JoinAnswer{.error = error, .member_id = std::move(member_id)}});
}

}  // namespace streamhouse::groups
