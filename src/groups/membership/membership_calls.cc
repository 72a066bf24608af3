#include "groups/membership/membership_calls.h"

#include "base/check.h"

namespace streamhouse::groups {

using base::Errc;

MembershipCalls::MembershipCalls(runtime::Runtime& runtime, const MembershipLimits& limits,
                                 MembershipRecord record)
    : runtime_(runtime), machine_(limits) {
  machine_.restore(std::move(record), runtime.now());
}

MembershipCalls::Wait<JoinAnswer> MembershipCalls::join(ClientId client, JoinRequest request,
                                                        std::string fresh_id) {
  const Wait<JoinAnswer> wait(runtime_);
  const CallId id = ++calls_made_;
  calls_.emplace(id, Call{.client = client, .wait = wait});
  machine_.join(runtime_.now(), id, std::move(request), std::move(fresh_id));
  settle();
  return wait;
}

MembershipCalls::Wait<SyncAnswer> MembershipCalls::sync(ClientId client,
                                                        const SyncRequest& request) {
  const Wait<SyncAnswer> wait(runtime_);
  const CallId id = ++calls_made_;
  calls_.emplace(id, Call{.client = client, .wait = wait});
  machine_.sync(runtime_.now(), id, request);
  settle();
  return wait;
}

MembershipError MembershipCalls::heartbeat(const MemberClaim& member) {
  return machine_.heartbeat(runtime_.now(), member);
}

MembershipError MembershipCalls::leave(const MemberClaim& member) {
  const MembershipError error = machine_.leave(runtime_.now(), member);
  settle();
  return error;
}

MembershipError MembershipCalls::check_commit(const MemberClaim& member) {
  return machine_.check_commit(runtime_.now(), member);
}

void MembershipCalls::tick() {
  machine_.tick(runtime_.now());
  settle();
}

void MembershipCalls::written() {
  write_ended();
  machine_.saved(runtime_.now(), generation_written_);
  settle();
}

/// What was held back may tell of what is not written down.
void MembershipCalls::refused() {
  write_ended();
  const auto take_back = [](auto& answer) {
    if (answer.error == MembershipError::kNone) answer.error = MembershipError::kCannotBeWritten;
  };
  for (MembershipAnswer& answer : held_) std::visit(take_back, answer.content);
  machine_.save_refused(runtime_.now(), generation_written_);
  settle();
}

void MembershipCalls::write_ended() {
  SH_CHECK(writing_ && !to_write_, "a record was taken");
  writing_ = false;
}

void MembershipCalls::abandon() {
  held_.clear();
  to_write_.reset();
  const base::Error why(Errc::kNotLeader, "the group is coordinated elsewhere, or loaded anew");
  for (const auto& [id, call] : std::exchange(calls_, {})) end(call, why);
}

void MembershipCalls::end_calls(ClientId client) {
  const base::Error why(Errc::kStopped, "the client is gone");
  std::erase_if(calls_, [&](const auto& each) {
    if (each.second.client != client) return false;
    end(each.second, why);
    return true;
  });
}

void MembershipCalls::settle() {
  for (MembershipAnswer& answer : machine_.take_answers()) held_.push_back(std::move(answer));
  if (!writing_) {
    to_write_ = machine_.take_save();
    writing_ = to_write_.has_value();
    if (writing_) generation_written_ = to_write_->generation;
  }
  if (writing_) return;
  for (MembershipAnswer& answer : std::exchange(held_, {})) deliver(std::move(answer));
}

void MembershipCalls::deliver(MembershipAnswer answer) {
  const auto waiting = calls_.extract(answer.call);
  if (!waiting) return;  // its client is gone
  const auto set = [&]<class Answer>(const Wait<Answer>& wait) {
    wait.set(std::get<Answer>(std::move(answer.content)));
  };
  std::visit(set, waiting.mapped().wait);
}

void MembershipCalls::end(const Call& call, const base::Error& why) {
  std::visit([&why](const auto& wait) { wait.set(why); }, call.wait);
}

}  // namespace streamhouse::groups
