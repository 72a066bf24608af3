#pragma once
/// \file  GroupState: one consumer group as its coordinator remembers it.

#include <algorithm>
#include <map>

#include "metadata/groups.h"
#include "runtime/signal.h"

namespace streamhouse::groups {

/// One write of a group is in flight at a time (rule P18): a writer takes the turn, and gives it
/// back when the outcome is known. Threading: the core's executor.
class GroupState {
 public:
  GroupState(runtime::Runtime& runtime, std::string group_id, model::LeaderEpoch shard_epoch)
      : group_id_(std::move(group_id)), shard_epoch_(shard_epoch), turn_free_(runtime) {}

  const std::string& group_id() const { return group_id_; }
  model::LeaderEpoch shard_epoch() const { return shard_epoch_; }

  runtime::Task<void> take_turn();
  void give_turn();

  bool loaded() const { return loaded_; }
  /// nullopt: there is no such group.
  void load(std::optional<metadata::LoadedGroup> stored);
  /// The memory may be behind the store: load again before the next use.
  void forget() { loaded_ = false; }

  bool exists() const { return group_.commit_no > 0; }
  const metadata::Group& group() const { return group_; }
  const std::map<model::TopicPartition, metadata::CommittedOffset>& offsets() const {
    return offsets_;
  }
  /// After a deletion it goes on counting, as the store does for as long as the lease lasts.
  std::int64_t next_commit_no() const { return std::max(group_.commit_no, deleted_no_) + 1; }
  /// Whether the store has all that is known here: a deletion's number is only remembered.
  bool can_be_forgotten() const { return !busy_ && deleted_no_ == 0; }

  void committed(std::int64_t commit_no, const std::vector<metadata::CommittedOffset>& offsets);
  void saved(metadata::Group group) { group_ = std::move(group); }
  void deleted(std::int64_t commit_no);

 private:
  std::string group_id_;
  model::LeaderEpoch shard_epoch_;
  bool busy_ = false;
  bool loaded_ = false;
  metadata::Group group_;
  std::int64_t deleted_no_ = 0;  ///< Commit number of its newest deletion under this lease.
  std::map<model::TopicPartition, metadata::CommittedOffset> offsets_;
  runtime::Signal turn_free_;
};

}  // namespace streamhouse::groups
