#pragma once
/// \file  GroupCoordinator: the groups whose shard this agent leads. A stale coordinator's write
/// changes nothing (G2), and an acknowledged commit is what the next one answers (G3), because
/// every write carries the shard's lease and the group's commit number.

#include <list>
#include <map>
#include <memory>

#include "groups/group_state.h"
#include "metadata/metadata_store.h"
#include "partition/partition_table.h"
#include "runtime/task_group.h"
#include "runtime/telemetry/cache_use.h"

namespace streamhouse::groups {

/// Lifetime:  one session.
/// Threading: the core's executor.
class GroupCoordinator {
 public:
  struct Ports {
    runtime::Runtime& runtime;
    metadata::MetadataStore& metadata;
    partition::PartitionTable& partitions;
  };
  GroupCoordinator(Ports ports, model::SessionId session, const metadata::Topic& offsets_topic,
                   runtime::TaskGroup& group);

  /// The partition whose leader coordinates the group.
  model::TopicPartition shard_of_group(const std::string& group_id) const;

  /// Upserts offsets, all or none; creates the group. Returns when they are durable.
  /// Errors: kNotLeader, kPartitionNotFound, kConflict (another coordinator wrote: try again),
  /// kUnknownOutcome.
  runtime::Task<base::Status> commit(std::string group_id,
                                     std::vector<metadata::CommittedOffset> offsets);
  /// Creates the group if it is not there. Errors as commit().
  runtime::Task<base::Result<metadata::Group>> ensure(std::string group_id);
  /// Errors: kGroupNotFound, kNotLeader, kConflict.
  runtime::Task<base::Status> remove(std::string group_id);
  /// The group with all its offsets, as the store has them: a coordinator that was replaced without
  /// knowing it must not answer from memory (G3). Errors: kGroupNotFound.
  runtime::Task<base::Result<metadata::LoadedGroup>> describe(std::string group_id);

  /// Beyond so many, idle ones are forgotten and loaded again when asked for (Z1), as are those
  /// that nobody wrote for so long.
  static constexpr std::size_t kGroupsMax = 10'000;
  static constexpr runtime::Duration kIdleMax = std::chrono::minutes(10);
  std::size_t groups_in_memory() const { return groups_.size(); }
  /// Of writes, whose group's state was in memory or not. Reads ask the store, see describe().
  const runtime::CacheUse& use() const { return use_; }

 private:
  using State = std::shared_ptr<GroupState>;

  base::Result<metadata::ShardGuard> guard_of(const std::string& group_id) const;
  base::Result<State> state_of(const std::string& group_id);
  runtime::Task<base::Status> load(State state);
  std::int64_t next_commit_no(const GroupState& state) const;
  void raise_floor(const GroupState& state, std::int64_t deleted_no);
  bool overtaken(const GroupState& state, std::int64_t commit_no,
                 const base::Status& written) const;
  runtime::Task<base::Status> commit_in_turn(State state,
                                             std::vector<metadata::CommittedOffset> offsets);
  runtime::Task<base::Status> save_in_turn(State state);
  runtime::Task<base::Status> remove_in_turn(State state);
  base::Status outcome(GroupState& state, const base::Status& written) const;
  void make_room();

  Ports ports_;
  model::SessionId session_;
  model::TopicNo offsets_topic_;
  std::int32_t shards_;
  runtime::TaskGroup& group_;
  /// What the store's floor of a shard (GroupStore) is, or is about to be, under `epoch`.
  struct Floor {
    model::LeaderEpoch epoch = {};
    std::int64_t commit_no = 0;
  };
  std::map<model::PartitionIndex, Floor> floors_;
  std::list<State> used_;  ///< Every group in memory, the one used longest ago first.
  std::map<std::string, std::list<State>::iterator> groups_;
  runtime::CacheUse use_;
};

}  // namespace streamhouse::groups
