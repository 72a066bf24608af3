#include "metadata/sqlite/tables/group_guard.h"

#include "metadata/sqlite/tables/changes.h"

namespace streamhouse::metadata::sqlite {
namespace {

using base::Errc;

constexpr std::string_view kGuard =
    "SELECT 1 FROM sh_partitions"
    " WHERE topic_no = ?1 AND partition = ?2 AND owner_session = ?3 AND leader_epoch = ?4";
constexpr std::string_view kCommitNo = "SELECT commit_no FROM sh_groups WHERE group_id = ?1";
constexpr std::string_view kDeletedCommitNo =
    "SELECT d.commit_no FROM sh_deleted_groups d JOIN sh_partitions p"
    " ON p.topic_no = d.shard_topic_no AND p.partition = d.shard_partition"
    " AND p.leader_epoch = d.leader_epoch WHERE d.group_id = ?1";
constexpr std::string_view kRaise =
    "UPDATE sh_groups SET commit_no = ?2, updated_at = ?3 WHERE group_id = ?1";
constexpr std::string_view kInsert =
    "INSERT INTO sh_groups (group_id, commit_no, generation, protocol_type, state, members,"
    " created_at, updated_at) VALUES (?1, ?2, 0, '', 'Empty', x'', ?3, ?3)";
constexpr std::string_view kForgetDeleted = "DELETE FROM sh_deleted_groups WHERE group_id = ?1";

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

Result<std::int64_t> stored_commit_no(Connection& db, const std::string& group_id) {
  SH_TRY(const auto number, db.value<std::int64_t>(kCommitNo, group_id));
  if (number) return *number;
  SH_TRY(const auto deleted, db.value<std::int64_t>(kDeletedCommitNo, group_id));
  return deleted.value_or(0);
}

Result<GroupWrite> check_commit_no(Connection& db, const std::string& group_id,
                                   std::int64_t commit_no) {
  SH_TRY(const std::int64_t stored, stored_commit_no(db, group_id));
  if (stored == commit_no) return GroupWrite::kDone;
  if (stored == commit_no - 1) return GroupWrite::kApply;
  return base::make_error(Errc::kConflict, "group '" + group_id + "' has commit number " +
                                               std::to_string(stored) + ", which " +
                                               std::to_string(commit_no) + " does not follow");
}

Status write_group(Connection& db, const std::string& group_id, std::int64_t commit_no,
                   DatabaseMs now) {
  SH_TRY(const auto raised, db.execute(kRaise, group_id, commit_no, now));
  if (raised == 1) return {};
  SH_TRY_OK(db.execute(kInsert, group_id, commit_no, now));
  SH_TRY_OK(db.execute(kForgetDeleted, group_id));
  return add_change(db, ChangeKind::kGroup, group_id, now);
}

}  // namespace streamhouse::metadata::sqlite
