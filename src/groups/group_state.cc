#include "groups/group_state.h"

#include "base/check.h"
#include "groups/membership/member_records.h"

namespace streamhouse::groups {

runtime::Task<void> GroupState::take_turn() {
  if (!busy_) {
    busy_ = true;
    co_return;
  }
  const runtime::OneShot<bool> turn = waiting_.emplace_back(runtime_);
  co_await turn.wait();
}

runtime::Task<bool> GroupState::take_turn_before(runtime::MonoTime deadline) {
  if (!busy_) {
    busy_ = true;
    co_return true;
  }
  const runtime::OneShot<bool> turn(runtime_);
  const auto place = waiting_.insert(waiting_.end(), turn);
  const auto had = co_await turn.wait_until(deadline);
  if (!had) waiting_.erase(place);
  co_return had.has_value();
}

/// The turn passes from hand to hand: a call that comes between would overtake those that wait.
void GroupState::give_turn() {
  SH_CHECK(busy_, "the turn was taken");
  if (waiting_.empty()) {
    busy_ = false;
    return;
  }
  waiting_.front().set(true);
  waiting_.pop_front();
}

base::Status GroupState::load(std::optional<metadata::Group> stored,
                              const MembershipLimits& limits) {
  metadata::Group group = stored ? *std::move(stored) : metadata::Group{.group_id = group_id_};
  SH_TRY(MembershipRecord record, read_membership(group));
  group_ = std::move(group);
  members_ = std::make_shared<MembershipCalls>(runtime_, limits, std::move(record));
  return {};
}

void GroupState::forget() {
  if (const auto members = std::exchange(members_, nullptr)) members->abandon();
}

void GroupState::committed(std::int64_t commit_no) {
  if (!exists()) group_.state = "Empty";
  group_.group_id = group_id_;
  group_.commit_no = commit_no;
}

}  // namespace streamhouse::groups
