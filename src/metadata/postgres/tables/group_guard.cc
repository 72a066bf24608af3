#include "metadata/postgres/tables/group_guard.h"

#include <algorithm>

#include "metadata/postgres/tables/changes.h"

namespace streamhouse::metadata::postgres {
namespace {

using base::Errc;

constexpr std::string_view kGuard =
    "SELECT 1 FROM sh_partitions WHERE topic_no = $1 AND partition = $2 AND owner_session = $3"
    " AND leader_epoch = $4 FOR SHARE";
constexpr std::string_view kLockGroup =
    "SELECT commit_no FROM sh_groups WHERE group_id = $1 FOR UPDATE";
constexpr std::string_view kAddFloor =
    "INSERT INTO sh_group_floors (topic_no, partition, leader_epoch, commit_no)"
    " VALUES ($1, $2, $3, 0) ON CONFLICT DO NOTHING";
constexpr std::string_view kLockFloor =
    "SELECT leader_epoch, commit_no FROM sh_group_floors"
    " WHERE topic_no = $1 AND partition = $2 FOR UPDATE";
constexpr std::string_view kStoreFloor =
    "UPDATE sh_group_floors SET leader_epoch = $3, commit_no = $4"
    " WHERE topic_no = $1 AND partition = $2";
constexpr std::string_view kRaise =
    "UPDATE sh_groups SET commit_no = $2, updated_at = $3 WHERE group_id = $1";
constexpr std::string_view kInsert =
    "INSERT INTO sh_groups (group_id, commit_no, generation, protocol_type, state, members,"
    " created_at, updated_at) VALUES ($1, $2, 0, '', 'Empty', ''::bytea, $3, $3)";

base::Error does_not_follow(const std::string& group_id, std::int64_t commit_no,
                            std::int64_t stored) {
  return base::make_error(Errc::kConflict, "group '" + group_id + "' is at commit number " +
                                               std::to_string(stored) + ", which " +
                                               std::to_string(commit_no) + " does not follow");
}

Result<GroupWrite> compare(const std::string& group_id, std::int64_t commit_no,
                           std::int64_t stored) {
  if (stored == commit_no) return GroupWrite::kDone;
  if (stored == commit_no - 1) return GroupWrite::kApply;
  return does_not_follow(group_id, commit_no, stored);
}

}  // namespace

Status check_group_form(const std::string& group_id, std::int64_t commit_no) {
  if (group_id.empty()) return base::make_error(Errc::kInvalid, "a group needs an id");
  if (commit_no >= 1) return {};
  return base::make_error(Errc::kInvalid, "commit number " + std::to_string(commit_no) +
                                              " of group '" + group_id + "' is below 1");
}

Status check_guard(Connection& db, const ShardGuard& guard) {
  const TopicPartition shard = guard.shard;
  SH_TRY(const auto holds,
         db.value<int>(kGuard, shard.topic, shard.partition, guard.owner, guard.epoch));
  if (holds) return {};
  return base::make_error(Errc::kFenced, "shard " + to_string(shard) + " has another coordinator");
}

Result<std::optional<std::int64_t>> lock_group(Connection& db, const std::string& group_id) {
  return db.value<std::int64_t>(kLockGroup, group_id);
}

/// A group that is there is locked alone. One that is not has no row to lock: then the shard's
/// floor stands for it, which every creation and deletion locks first, and it is looked for again.
Result<GroupWrite> check_commit_no(Connection& db, const ShardGuard& guard,
                                   const std::string& group_id, std::int64_t commit_no) {
  SH_TRY(const auto stored, lock_group(db, group_id));
  if (stored) return compare(group_id, commit_no, *stored);
  SH_TRY(const std::int64_t floor, lock_floor(db, guard));
  SH_TRY(const auto appeared, lock_group(db, group_id));
  if (appeared) return compare(group_id, commit_no, *appeared);
  if (commit_no > floor) return GroupWrite::kCreate;
  return does_not_follow(group_id, commit_no, floor);
}

Status write_group(Connection& db, GroupWrite write, const std::string& group_id,
                   std::int64_t commit_no) {
  if (write == GroupWrite::kApply) {
    SH_TRY_OK(db.execute(kRaise, group_id, commit_no, db.now()));
    return {};
  }
  SH_TRY_OK(db.execute(kInsert, group_id, commit_no, db.now()));
  return add_change(db, ChangeKind::kGroup, group_id);
}

Result<std::int64_t> lock_floor(Connection& db, const ShardGuard& guard) {
  const TopicPartition shard = guard.shard;
  SH_TRY_OK(db.execute(kAddFloor, shard.topic, shard.partition, guard.epoch));
  const auto read = [&](Row row) {
    return row.get<LeaderEpoch>(0) == guard.epoch ? row.get<std::int64_t>(1) : 0;
  };
  SH_TRY(const auto floor, db.first(kLockFloor, read, shard.topic, shard.partition));
  return floor.value_or(0);
}

Status raise_floor(Connection& db, const ShardGuard& guard, std::int64_t commit_no) {
  const TopicPartition shard = guard.shard;
  SH_TRY(const std::int64_t floor, lock_floor(db, guard));
  SH_TRY_OK(db.execute(kStoreFloor, shard.topic, shard.partition, guard.epoch,
                       std::max(floor, commit_no)));
  return {};
}

}  // namespace streamhouse::metadata::postgres
