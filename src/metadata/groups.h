#pragma once
/// \file  Consumer groups and committed offsets, guarded by the coordinator's lease (rule P18).

#include "metadata/objects.h"

namespace streamhouse::metadata {

/// The lease under which a coordinator writes: the group's partition of the internal offsets topic.
struct ShardGuard {
  TopicPartition shard = {};
  SessionId owner = {};
  LeaderEpoch epoch = {};
};

struct Group {
  std::string group_id = {};
  std::int64_t commit_no = 0;  ///< Raised by one with each accepted write to the group.
  std::int32_t generation = 0;
  std::string protocol_type = {};
  std::string state = {};    ///< As in Kafka: Empty, Stable, ...
  base::Bytes members = {};  ///< Opaque to the store.
  DatabaseMs created_ms = 0;
  DatabaseMs updated_ms = 0;
  friend bool operator==(const Group&, const Group&) = default;
};

struct CommittedOffset {
  TopicPartition key = {};
  Offset offset = {};
  LeaderEpoch leader_epoch{-1};
  std::string metadata = {};
  DatabaseMs committed_ms = 0;                ///< Filled by the store.
  std::optional<DatabaseMs> expires_ms = {};  ///< nullopt = by the group's retention.
  friend bool operator==(const CommittedOffset&, const CommittedOffset&) = default;
};

struct LoadedGroup {
  Group group = {};
  std::vector<CommittedOffset> offsets = {};  ///< By key; none of topics that are gone.
};

/// Every write takes the group's commit number `n`: it applies if the stored number is n - 1 (0 =
/// no such group) and makes it n; a stored number of n is the caller's own earlier success. One
/// write of a group is in flight at a time. A group that is not there begins at any n above its
/// shard's floor: the highest number with which a group of the shard was deleted under the present
/// epoch, 0 if none was. So no late copy of a write brings a deleted group back, and what is
/// remembered of deleted groups is one number a shard. Errors of every write, in this order:
/// kInvalid (empty group id, n < 1); kFenced if the shard's owner or epoch is another; kConflict
/// for any other commit number.
class GroupStore {
 public:
  virtual ~GroupStore() = default;

  /// Creates or replaces the group's row; offsets stay. `group.commit_no` is n. Every accepted
  /// write sets updated_ms.
  virtual Task<Status> save_group(ShardGuard guard, Group group) = 0;
  /// Creates the group if need be (state Empty, generation 0) and upserts the offsets, all or none.
  /// Errors besides: kPartitionNotFound (a partition that is gone; those of deleting topics are
  /// not), kInvalid (a partition named twice).
  virtual Task<Status> commit_offsets(ShardGuard guard, std::string group_id,
                                      std::int64_t commit_no,
                                      std::vector<CommittedOffset> offsets) = 0;
  /// Keys without an offset are ignored. Errors besides: kGroupNotFound, in place of kConflict.
  virtual Task<Status> delete_offsets(ShardGuard guard, std::string group_id,
                                      std::int64_t commit_no, std::vector<TopicPartition> keys) = 0;
  /// Removes the group and its offsets, and raises the shard's floor to n. Success if the group is
  /// gone already; a stored number of n is kConflict here.
  virtual Task<Status> delete_group(ShardGuard guard, std::string group_id,
                                    std::int64_t commit_no) = 0;

  /// Errors: kGroupNotFound.
  virtual Task<Result<LoadedGroup>> load_group(std::string group_id) = 0;
  /// Committed offsets of `keys`, by key; those without one are left out, so an unknown group has
  /// none.
  virtual Task<Result<std::vector<CommittedOffset>>> fetch_offsets(
      std::string group_id, std::vector<TopicPartition> keys) = 0;
  /// By id, greater than `after`, at most `limit`.
  virtual Task<Result<std::vector<Group>>> list_groups(std::string after, std::size_t limit) = 0;
  /// Removes offsets whose expires_ms is before `before_ms`, oldest first, then by group and key,
  /// at most `limit`. Returns how many. No commit number moves.
  virtual Task<Result<std::size_t>> expire_offsets(DatabaseMs before_ms, std::size_t limit) = 0;
};

}  // namespace streamhouse::metadata
