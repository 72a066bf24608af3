#pragma once
/// \file  GroupTable: the groups in a coordinator's memory, each under the present lease of its
/// shard.

#include <list>
#include <map>
#include <memory>

#include "groups/group_state.h"
#include "partition/partition_table.h"
#include "runtime/telemetry/cache_use.h"

namespace streamhouse::groups {

using State = std::shared_ptr<GroupState>;

/// Lifetime:  one session.
/// Threading: the core's executor.
class GroupTable {
 public:
  GroupTable(runtime::Runtime& runtime, partition::PartitionTable& partitions,
             model::SessionId session, const metadata::Topic& offsets_topic);

  /// The partition whose leader coordinates the group.
  model::TopicPartition shard_of_group(const std::string& group_id) const;
  /// Whether this agent coordinates the group. Errors: kNotLeader.
  base::Result<metadata::ShardGuard> guard_of(const std::string& group_id) const;

  /// The group's state under the present lease of its shard; what an earlier lease knew is
  /// forgotten. Errors: kNotLeader.
  base::Result<State> state_of(const std::string& group_id);
  /// The state of a group that is in memory under the present lease, without making use of it.
  State find(const std::string& group_id) const;
  /// Whether the group is still coordinated under the lease of `state`, and `state` is its memory.
  bool is_current(const State& state) const { return find(state->group_id()) == state; }
  /// Everything in memory is forgotten, and from now on every answer is kNotLeader.
  void close();

  /// Beyond so many, idle ones are forgotten and loaded again when asked for (Z1), as are those
  /// that nobody used for so long. Groups with members stay.
  static constexpr std::size_t kGroupsMax = 10'000;
  static constexpr runtime::Duration kIdleMax = std::chrono::minutes(10);
  std::size_t size() const { return groups_.size(); }

 private:
  void make_room();

  runtime::Runtime& runtime_;
  partition::PartitionTable& partitions_;
  model::SessionId session_;
  model::TopicNo offsets_topic_;
  std::int32_t shards_;
  bool closed_ = false;
  std::list<State> used_;  ///< Every group in memory, the one used longest ago first.
  std::map<std::string, std::list<State>::iterator> groups_;
};

}  // namespace streamhouse::groups
