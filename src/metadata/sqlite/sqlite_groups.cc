// Consumer groups (rule P18).
#include "metadata/sql/rows.h"
#include "metadata/sqlite/sqlite_metadata.h"
#include "metadata/sqlite/tables/changes.h"
#include "metadata/sqlite/tables/group_guard.h"

namespace streamhouse::metadata {

using base::Errc;
using base::make_error;
using namespace sqlite;

namespace {

constexpr std::string_view kStore =
    "UPDATE sh_groups SET generation = ?2, protocol_type = ?3, state = ?4, members = ?5"
    " WHERE group_id = ?1";
constexpr std::string_view kDelete = "DELETE FROM sh_groups WHERE group_id = ?1";
constexpr std::string_view kDeleteOffsets = "DELETE FROM sh_offsets WHERE group_id = ?1";
/// A number of an earlier epoch counts for nothing.
constexpr std::string_view kRaiseFloor =
    "INSERT INTO sh_group_floors (topic_no, partition, leader_epoch, commit_no)"
    " VALUES (?1, ?2, ?3, ?4) ON CONFLICT (topic_no, partition) DO UPDATE SET"
    " commit_no = iif(leader_epoch = ?3, max(commit_no, ?4), ?4), leader_epoch = ?3";
constexpr auto kById = sql_text("SELECT ", kGroupColumns, " FROM sh_groups WHERE group_id = ?1");
constexpr auto kOffsets = sql_text(
    "SELECT ", kOffsetColumns, " FROM sh_offsets WHERE group_id = ?1 ORDER BY topic_no, partition");
constexpr auto kList = sql_text("SELECT ", kGroupColumns,
                                " FROM sh_groups WHERE group_id > ?1 ORDER BY group_id LIMIT ?2");

Status delete_rows(Connection& db, const ShardGuard& guard, const std::string& group_id,
                   std::int64_t commit_no) {
  const TopicPartition shard = guard.shard;
  SH_TRY_OK(db.execute(kDelete, group_id));
  SH_TRY_OK(db.execute(kDeleteOffsets, group_id));
  SH_TRY_OK(db.execute(kRaiseFloor, shard.topic, shard.partition, guard.epoch, commit_no));
  return {};
}

}  // namespace

Status SqliteMetadata::save_group(const ShardGuard& guard, const Group& group) {
  SH_TRY_OK(check_group_form(group.group_id, group.commit_no));
  return db().transaction([&]() -> Status {
    SH_TRY_OK(check_guard(db(), guard));
    SH_TRY(const GroupWrite write, check_commit_no(db(), guard, group.group_id, group.commit_no));
    if (write == GroupWrite::kDone) return {};
    SH_TRY_OK(write_group(db(), group.group_id, group.commit_no, now_));
    SH_TRY_OK(db().execute(kStore, group.group_id, group.generation, group.protocol_type,
                           group.state, group.members));
    return {};
  });
}

Status SqliteMetadata::delete_group(const ShardGuard& guard, const std::string& group_id,
                                    std::int64_t commit_no) {
  SH_TRY_OK(check_group_form(group_id, commit_no));
  return db().transaction([&]() -> Status {
    SH_TRY_OK(check_guard(db(), guard));
    SH_TRY(const bool there, group_exists(db(), group_id));
    if (!there) return {};
    SH_TRY(const GroupWrite write, check_commit_no(db(), guard, group_id, commit_no));
    if (write == GroupWrite::kDone)
      return make_error(Errc::kConflict, "group '" + group_id + "' is at commit number " +
                                             std::to_string(commit_no) + " already");
    SH_TRY_OK(delete_rows(db(), guard, group_id, commit_no));
    return add_change(db(), ChangeKind::kGroup, group_id, now_);
  });
}

Result<LoadedGroup> SqliteMetadata::load_group(const std::string& group_id) {
  return db().snapshot([&]() -> Result<LoadedGroup> {
    SH_TRY(auto group, db().first(kById, read_group<Row>, group_id));
    if (!group) return make_error(Errc::kGroupNotFound, "there is no group '" + group_id + "'");
    LoadedGroup loaded{.group = *std::move(group), .offsets = {}};
    SH_TRY(loaded.offsets, db().all(kOffsets, read_offset<Row>, group_id));
    return loaded;
  });
}

Result<std::vector<Group>> SqliteMetadata::list_groups(const std::string& after,
                                                       std::size_t limit) {
  return db().all(kList, read_group<Row>, after, limit);
}

}  // namespace streamhouse::metadata
