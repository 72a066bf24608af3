#include "metadata/sqlite/tables/group_guard.h"

#include "metadata/sqlite/tables/changes.h"

namespace streamhouse::metadata::sqlite {
namespace {

using base::Errc;

constexpr std::string_view kGuard =
    "SELECT 1 FROM sh_partitions"
    " WHERE topic_no = ?1 AND partition = ?2 AND owner_session = ?3 AND leader_epoch = ?4";
constexpr std::string_view kCommitNo = "SELECT commit_no FROM sh_groups WHERE group_id = ?1";
constexpr std::string_view kFloor =
    "SELECT commit_no FROM sh_group_floors"
    " WHERE topic_no = ?1 AND partition = ?2 AND leader_epoch = ?3";
constexpr std::string_view kRaise =
    "UPDATE sh_groups SET commit_no = ?2, updated_at = ?3 WHERE group_id = ?1";
constexpr std::string_view kInsert =
    "INSERT INTO sh_groups (group_id, commit_no, generation, protocol_type, state, members,"
    " created_at, updated_at) VALUES (?1, ?2, 0, '', 'Empty', x'', ?3, ?3)";

base::Error number_conflict(const std::string& group_id, std::int64_t stored, std::int64_t wanted) {
  return base::make_error(Errc::kConflict, "group '" + group_id + "' is at commit number " +
                                               std::to_string(stored) + ", which " +
                                               std::to_string(wanted) + " does not follow");
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

Result<bool> group_exists(Connection& db, const std::string& group_id) {
  SH_TRY(const auto number, db.value<std::int64_t>(kCommitNo, group_id));
  return number.has_value();
}

Result<GroupWrite> check_commit_no(Connection& db, const ShardGuard& guard,
                                   const std::string& group_id, std::int64_t commit_no) {
  SH_TRY(const auto stored, db.value<std::int64_t>(kCommitNo, group_id));
  if (stored) {
    if (*stored == commit_no) return GroupWrite::kDone;
    if (*stored == commit_no - 1) return GroupWrite::kApply;
    return number_conflict(group_id, *stored, commit_no);
  }
  const TopicPartition shard = guard.shard;
  SH_TRY(const auto floor,
         db.value<std::int64_t>(kFloor, shard.topic, shard.partition, guard.epoch));
  if (commit_no > floor.value_or(0)) return GroupWrite::kApply;
  return number_conflict(group_id, *floor, commit_no);
}

Status write_group(Connection& db, const std::string& group_id, std::int64_t commit_no,
                   DatabaseMs now) {
  SH_TRY(const auto raised, db.execute(kRaise, group_id, commit_no, now));
  if (raised == 1) return {};
  SH_TRY_OK(db.execute(kInsert, group_id, commit_no, now));
  return add_change(db, ChangeKind::kGroup, group_id, now);
}

}  // namespace streamhouse::metadata::sqlite
