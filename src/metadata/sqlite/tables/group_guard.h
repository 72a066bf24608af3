#pragma once
/// \file  What every write of a group checks and stores (rule P18).

#include "metadata/metadata_store.h"
#include "metadata/sqlite/driver/connection.h"

namespace streamhouse::metadata::sqlite {

enum class GroupWrite : std::uint8_t {
  kApply,
  kDone,  ///< This very write was applied before.
};

/// Errors: kInvalid.
Status check_group_form(const std::string& group_id, std::int64_t commit_no);
/// Errors: kFenced unless the shard's row has the guard's owner and epoch.
Status check_guard(Connection& db, const ShardGuard& guard);
Result<bool> group_exists(Connection& db, const std::string& group_id);
/// Errors: kConflict unless `commit_no` is the stored number or follows it; for a group that is not
/// there, unless it is above the shard's floor.
Result<GroupWrite> check_commit_no(Connection& db, const ShardGuard& guard,
                                   const std::string& group_id, std::int64_t commit_no);
/// Creates the group (state Empty) or raises its commit number.
Status write_group(Connection& db, const std::string& group_id, std::int64_t commit_no,
                   DatabaseMs now);

}  // namespace streamhouse::metadata::sqlite
