#pragma once
/// \file  GroupState: one consumer group as its coordinator remembers it.

#include <list>

#include "groups/membership/membership_calls.h"
#include "metadata/groups.h"

namespace streamhouse::groups {

/// One write of a group is in flight at a time (rule P18): a writer takes the turn, and gives it
/// back when the outcome is known. Turns are had in the order in which they were asked for. So what
/// a member commits under one generation is written before the assignment of the next one is, and
/// only then does its new owner hear of it (G3).
/// Threading: the core's executor.
class GroupState {
 public:
  GroupState(runtime::Runtime& runtime, std::string group_id, metadata::ShardGuard guard)
      : group_id_(std::move(group_id)), guard_(guard), runtime_(runtime) {}

  const std::string& group_id() const { return group_id_; }
  /// The lease under which it was loaded, and is written.
  const metadata::ShardGuard& guard() const { return guard_; }

  runtime::Task<void> take_turn();
  /// Returns whether the turn was had by then.
  runtime::Task<bool> take_turn_before(runtime::MonoTime deadline);
  void give_turn();

  bool loaded() const { return members_ != nullptr; }
  /// nullopt: there is no such group. Errors: kCorrupt, if its members cannot be read.
  base::Status load(std::optional<metadata::Group> stored, const MembershipLimits& limits);
  /// The memory may be behind the store: load again before the next use. Calls that wait end.
  void forget();

  bool exists() const { return group_.commit_no > 0; }
  /// As it is stored.
  const metadata::Group& group() const { return group_; }
  /// Requires: loaded(). Another object once the group has been loaded anew.
  const std::shared_ptr<MembershipCalls>& members() const { return members_; }
  /// Whether a write has the turn, or waits for it.
  bool busy() const { return busy_; }
  bool has_live_members() const { return loaded() && members_->alive(); }
  void used(runtime::MonoTime at) { used_at_ = at; }
  runtime::MonoTime used_at() const { return used_at_; }

  void committed(std::int64_t commit_no);
  void saved(metadata::Group group) { group_ = std::move(group); }
  void deleted() { group_ = {.group_id = group_id_}; }

 private:
  std::string group_id_;
  metadata::ShardGuard guard_;
  bool busy_ = false;
  runtime::MonoTime used_at_{};
  metadata::Group group_;
  std::shared_ptr<MembershipCalls> members_;  ///< Nobody's while the group is not loaded.
  runtime::Runtime& runtime_;
  std::list<runtime::OneShot<bool>> waiting_;  ///< One for each that waits for its turn.
};

}  // namespace streamhouse::groups
