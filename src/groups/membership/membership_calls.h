#pragma once
/// \file  MembershipCalls: a membership machine and the calls that wait for its answers.

#include <map>

#include "base/error.h"
#include "groups/membership/membership_machine.h"
#include "runtime/one_shot.h"

namespace streamhouse::groups {

/// Whose calls end together: one connection. The front end chooses the numbers.
enum class ClientId : std::uint64_t {};

/// What the machine decides is written down before anybody hears of it (G1): while a record is to
/// be written, answers are held back. So a static member does not learn the new id that it would be
/// fenced for if nobody had written it down.
/// Threading: the core's executor.
class MembershipCalls {
 public:
  template <class Answer>
  using Wait = runtime::OneShot<base::Result<Answer>>;

  MembershipCalls(runtime::Runtime& runtime, const MembershipLimits& limits,
                  MembershipRecord record);

  /// Answered kNotLeader by abandon(), kStopped by end_calls(); what the group itself refuses
  /// stands in the answer.
  Wait<JoinAnswer> join(ClientId client, JoinRequest request, std::string fresh_id);
  Wait<SyncAnswer> sync(ClientId client, const SyncRequest& request);
  MembershipError heartbeat(const MemberClaim& member);
  MembershipError leave(const MemberClaim& member);
  MembershipError check_commit(const MemberClaim& member);
  void tick();

  /// What the caller is to write now, followed by written(). nullopt: nothing, or a write is under
  /// way.
  std::optional<MembershipRecord> take_record() { return std::exchange(to_write_, std::nullopt); }
  /// What was taken last has been written.
  void written();
  /// What was taken last can never be written: who waits for that is told so.
  void refused();
  /// The group is coordinated elsewhere, or its record could not be written: every call ends.
  void abandon();
  /// The client is gone: its calls end. The members stay until their sessions end, as in Kafka.
  void end_calls(ClientId client);

  const MembershipMachine& machine() const { return machine_; }
  /// Whether there is anything that an empty group would not have.
  bool alive() const { return machine_.has_members() || machine_.next_due() || !calls_.empty(); }

 private:
  struct Call {
    ClientId client;
    std::variant<Wait<JoinAnswer>, Wait<SyncAnswer>> wait;
  };
  void write_ended();
  void settle();
  void deliver(MembershipAnswer answer);
  static void end(const Call& call, const base::Error& why);

  runtime::Runtime& runtime_;
  MembershipMachine machine_;
  CallId calls_made_ = 0;
  std::map<CallId, Call> calls_;
  std::vector<MembershipAnswer> held_;
  std::optional<MembershipRecord> to_write_;
  bool writing_ = false;
  std::int32_t generation_written_ = 0;  ///< By the write that is under way.
};

}  // namespace streamhouse::groups
