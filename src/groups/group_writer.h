#pragma once
/// \file  GroupWriter: writes groups to the store. A stale coordinator's write changes nothing
/// (G2), because each carries the shard's lease and the group's commit number (rule P18).

#include <functional>

#include "groups/group_snapshots.h"
#include "groups/group_table.h"
#include "metadata/metadata_store.h"
#include "runtime/task_group.h"

namespace streamhouse::groups {

/// Every call is made in the group's turn. Errors of writes besides those named: kNotLeader,
/// kConflict (another coordinator wrote: try again), kUnknownOutcome; kInvalid, kTooLarge, where
/// the store cannot hold what is written. After any that leaves open what the store has, the state
/// is forgotten.
/// Threading: the core's executor.
class GroupWriter {
 public:
  /// `snapshots`: is told what was written; may be none.
  GroupWriter(runtime::Runtime& runtime, metadata::MetadataStore& metadata,
              runtime::TaskGroup& group, const MembershipLimits& limits, GroupSnapshots* snapshots)
      : runtime_(runtime),
        metadata_(metadata),
        group_(group),
        limits_(limits),
        snapshots_(snapshots) {}

  /// From the store, unless it is in memory. Errors: kCorrupt; those of the store.
  runtime::Task<base::Status> load(State state);
  /// Upserts offsets, all or none; creates the group. Errors: kPartitionNotFound.
  runtime::Task<base::Status> commit(State state, std::vector<metadata::CommittedOffset> offsets);
  /// Creates the group, or replaces all of it but its offsets.
  runtime::Task<base::Status> save(State state, metadata::Group group);
  /// Errors: kGroupNotFound.
  runtime::Task<base::Status> delete_offsets(State state, std::vector<model::TopicPartition> keys);
  /// With its offsets. Errors: kGroupNotFound.
  runtime::Task<base::Status> remove(State state);

  /// Whether the store refused what was to be written, and always will: nothing has changed.
  static bool is_refusal(const base::Status& written);

  /// Of load().
  const runtime::CacheUse& use() const { return use_; }

 private:
  using Write = std::function<runtime::Task<base::Status>(std::int64_t commit_no)>;

  runtime::Task<base::Status> write(State state, Write write);
  std::int64_t next_commit_no(const GroupState& state) const;
  void raise_floor(const GroupState& state, std::int64_t deleted_no);
  bool overtaken(const GroupState& state, std::int64_t commit_no,
                 const base::Status& written) const;
  base::Status outcome(GroupState& state, const base::Status& written);

  runtime::Runtime& runtime_;
  metadata::MetadataStore& metadata_;
  runtime::TaskGroup& group_;
  const MembershipLimits limits_;
  GroupSnapshots* snapshots_;
  /// What the store's floor of a shard (GroupStore) is, or is about to be, under `epoch`.
  struct Floor {
    model::LeaderEpoch epoch = {};
    std::int64_t commit_no = 0;
  };
  std::map<model::TopicPartition, Floor> floors_;
  runtime::CacheUse use_;
};

}  // namespace streamhouse::groups
