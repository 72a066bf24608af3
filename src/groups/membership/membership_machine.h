#pragma once
/// \file  MembershipMachine: the members of one consumer group and how they come to agree on an
/// assignment, as Kafka's classic protocol has it. Pure: time and ids are given to it, and what it
/// decides is collected by its caller.

#include <map>
#include <string_view>
#include <utility>

#include "groups/membership/membership.h"

namespace streamhouse::groups {

struct MembershipLimits {
  runtime::Duration session_timeout_min = std::chrono::seconds(6);
  runtime::Duration session_timeout_max = std::chrono::minutes(30);
  /// The first rebalance of an empty group waits this long for more members.
  runtime::Duration initial_rebalance_delay = std::chrono::seconds(3);
  /// A new member that nothing was heard of for so long is gone, although its join waits.
  runtime::Duration new_member_join_max = std::chrono::minutes(5);
  std::size_t members_max = 10'000;
};

enum class GroupPhase : std::uint8_t {
  kEmpty,
  kPreparingRebalance,   ///< Members are joining the next generation.
  kCompletingRebalance,  ///< The leader is assigning.
  kStable,
};
std::string_view group_phase_name(GroupPhase phase);

/// Every call of join() and sync() is answered once, now or later, by way of take_answers(). No
/// member hears of an assignment before it is written down (G1): take_save() says what is to be
/// written, saved() that it is.
/// Threading: none of its own.
class MembershipMachine {
 public:
  explicit MembershipMachine(const MembershipLimits& limits) : limits_(limits) {}

  /// Goes on from what another coordinator wrote down. Requires: nothing has been called yet.
  void restore(MembershipRecord record, runtime::MonoTime now);

  /// `fresh_id` becomes the id of a member that has none.
  void join(runtime::MonoTime now, CallId call, JoinRequest request, std::string fresh_id);
  void sync(runtime::MonoTime now, CallId call, const SyncRequest& request);
  MembershipError heartbeat(runtime::MonoTime now, const MemberClaim& member);
  /// The claim's generation is not looked at.
  MembershipError leave(runtime::MonoTime now, const MemberClaim& member);
  /// Whether offsets may be committed under this claim; one without id and generation is that of a
  /// client that assigns partitions to itself.
  MembershipError check_commit(runtime::MonoTime now, const MemberClaim& member);
  /// Does what is due. Call at or after next_due().
  void tick(runtime::MonoTime now);
  /// The next moment at which time alone changes something.
  std::optional<runtime::MonoTime> next_due() const;

  std::vector<MembershipAnswer> take_answers() { return std::exchange(answers_, {}); }
  /// What is to be written down now, if anything. One write at a time.
  std::optional<MembershipRecord> take_save() { return std::exchange(to_save_, std::nullopt); }
  /// The record of this generation has been written.
  void saved(runtime::MonoTime now, std::int32_t generation);
  /// The record of this generation cannot be written, ever: who waits for its assignment is told
  /// so, and the members are to agree on another.
  void save_refused(runtime::MonoTime now, std::int32_t generation);
  /// The group is coordinated elsewhere: every call is answered kNotCoordinator.
  void abandon(runtime::MonoTime now);

  GroupPhase phase() const { return phase_; }
  std::int32_t generation() const { return generation_; }
  const std::string& protocol_type() const { return protocol_type_; }
  bool has_members() const { return !members_.empty(); }
  /// Who has this id or, if that is empty, this instance id; nullptr.
  const MemberRecord* find(const std::string& member_id,
                           const std::optional<std::string>& instance_id) const;
  MembershipRecord record() const;
  /// Memory that the members take, about. Cost: a step for each member.
  std::size_t bytes() const;

 private:
  struct Member {
    MemberRecord record;
    std::uint64_t joined_no = 0;  ///< Smaller joined earlier.
    std::optional<CallId> join_call = {};
    std::optional<CallId> sync_call = {};
    bool is_new = true;   ///< Has not been in a generation.
    bool synced = false;  ///< Has asked for its assignment of this generation.
    runtime::MonoTime expires_at = {};
  };
  using Members = std::map<std::string, Member>;

  // membership_join.cc
  MembershipError refusal_of_join(const JoinRequest& request) const;
  bool supports(const JoinRequest& request) const;
  bool known_to_all(const Protocol& protocol) const;
  void join_new(runtime::MonoTime now, CallId call, JoinRequest request, std::string fresh_id);
  void join_known(runtime::MonoTime now, CallId call, JoinRequest request);
  void add_member(runtime::MonoTime now, CallId call, JoinRequest request);
  void replace_static(runtime::MonoTime now, CallId call, JoinRequest request,
                      const std::string& fresh_id);
  void rejoin(runtime::MonoTime now, CallId call, JoinRequest request, Member& member);
  void await_join(CallId call, JoinRequest request, Member& member);
  void answer_join(const Member& member, CallId call, bool with_members);
  void refuse_join(CallId call, MembershipError error, std::string member_id);

  // membership_rebalance.cc
  void start_rebalance(runtime::MonoTime now);
  void end_initial_delay(runtime::MonoTime now);
  void complete_join_if_all_are_there(runtime::MonoTime now);
  void complete_join(runtime::MonoTime now);
  bool elect_leader();
  void begin_generation(runtime::MonoTime now);
  std::string chosen_protocol() const;
  runtime::Duration rebalance_timeout() const;

  MembershipError check_member(const MemberClaim& claim) const;
  bool waits(const Member& member) const { return member.join_call || member.sync_call; }
  void refresh(Member& member, runtime::MonoTime now);
  void remove(runtime::MonoTime now, Members::iterator member);
  void after_removal(runtime::MonoTime now);
  bool expire_members(runtime::MonoTime now);
  std::optional<runtime::MonoTime> due_of(const Member& member) const;
  void answer_sync(runtime::MonoTime now, Member& member, MembershipError error);
  void refuse_sync(CallId call, MembershipError error);
  void take_assignments(const std::vector<Assignment>& assignments);
  bool awaits_save(std::int32_t generation) const {
    return phase_ == GroupPhase::kCompletingRebalance && generation == generation_ && assigned_;
  }

  const MembershipLimits limits_;
  GroupPhase phase_ = GroupPhase::kEmpty;
  std::int32_t generation_ = 0;
  std::string protocol_type_;
  std::string protocol_name_;
  std::string leader_id_;
  Members members_;
  std::map<std::string, std::string> statics_;  ///< Instance id -> member id.
  /// Ids given to members that have not joined with them, and until when they may.
  std::map<std::string, runtime::MonoTime> promised_;
  std::uint64_t joins_ = 0;

  /// While members join: when the rebalance goes on without those that have not.
  std::optional<runtime::MonoTime> join_due_;
  /// The initial delay: what may be added to it if members keep coming.
  std::optional<runtime::Duration> delay_left_;
  bool joined_in_delay_ = false;
  std::optional<runtime::MonoTime> sync_due_;
  bool assigned_ = false;  ///< The leader has assigned this generation.
  /// As the group was when that was decided: members may come, go and join again before it is
  /// collected.
  std::optional<MembershipRecord> to_save_;
  std::vector<MembershipAnswer> answers_;
};

}  // namespace streamhouse::groups
