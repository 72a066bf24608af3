#pragma once
/// \file  GroupState: one consumer group as its coordinator remembers it.

#include <deque>

#include "metadata/groups.h"
#include "runtime/one_shot.h"

namespace streamhouse::groups {

/// One write of a group is in flight at a time (rule P18): a writer takes the turn, and gives it
/// back when the outcome is known. Turns are had in the order in which they were asked for.
/// Threading: the core's executor.
class GroupState {
 public:
  GroupState(runtime::Runtime& runtime, std::string group_id, model::LeaderEpoch shard_epoch)
      : group_id_(std::move(group_id)), shard_epoch_(shard_epoch), runtime_(runtime) {}

  const std::string& group_id() const { return group_id_; }
  model::LeaderEpoch shard_epoch() const { return shard_epoch_; }

  runtime::Task<void> take_turn();
  void give_turn();

  bool loaded() const { return loaded_; }
  /// nullopt: there is no such group.
  void load(std::optional<metadata::Group> stored);
  /// The memory may be behind the store: load again before the next use.
  void forget() { loaded_ = false; }

  bool exists() const { return group_.commit_no > 0; }
  const metadata::Group& group() const { return group_; }
  /// Whether a write has the turn, or waits for it.
  bool busy() const { return busy_; }
  void used(runtime::MonoTime at) { used_at_ = at; }
  runtime::MonoTime used_at() const { return used_at_; }

  void committed(std::int64_t commit_no);
  void saved(metadata::Group group) { group_ = std::move(group); }
  void deleted() { load(std::nullopt); }

 private:
  std::string group_id_;
  model::LeaderEpoch shard_epoch_;
  bool busy_ = false;
  bool loaded_ = false;
  runtime::MonoTime used_at_{};
  metadata::Group group_;
  runtime::Runtime& runtime_;
  std::deque<runtime::OneShot<bool>> waiting_;  ///< One for each that waits for its turn.
};

}  // namespace streamhouse::groups
