#pragma once
/// \file  What every write of a group locks, checks and stores (rule P18).

#include "metadata/metadata_store.h"
#include "metadata/postgres/driver/connection.h"

namespace streamhouse::metadata::postgres {

enum class GroupWrite : std::uint8_t {
  kCreate,  ///< There is no such group.
  kApply,
  kDone,  ///< This very write was applied before.
};

/// Errors: kInvalid.
Status check_group_form(const std::string& group_id, std::int64_t commit_no);
/// Locks the shard's row so that its owner stays. Errors: kFenced unless the row has the guard's
/// owner and epoch.
Status check_guard(Connection& db, const ShardGuard& guard);
/// The group's commit number, its row locked; nullopt if there is no such group.
Result<std::optional<std::int64_t>> lock_group(Connection& db, const std::string& group_id);
/// Locks what says whether the group is there, and the group. Errors: kConflict unless `commit_no`
/// is the stored number or follows it, or, without a group, lies above the shard's floor.
Result<GroupWrite> check_commit_no(Connection& db, const ShardGuard& guard,
                                   const std::string& group_id, std::int64_t commit_no);
/// Creates the group (state Empty) or raises its commit number. Comes last in a transaction: a
/// group that appears stands in the change feed.
Status write_group(Connection& db, GroupWrite write, const std::string& group_id,
                   std::int64_t commit_no);

/// The floor of the shard's absent groups under the guard's epoch, its row locked. Lock it before
/// the group.
Result<std::int64_t> lock_floor(Connection& db, const ShardGuard& guard);
/// Raises it to `commit_no`, never lowers it. Requires: locked.
Status raise_floor(Connection& db, const ShardGuard& guard, std::int64_t commit_no);

}  // namespace streamhouse::metadata::postgres
