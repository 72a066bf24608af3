// Consumer groups (rule P18).
#include "metadata/postgres/postgres_metadata.h"
#include "metadata/postgres/tables/changes.h"
#include "metadata/postgres/tables/group_guard.h"
#include "metadata/sql/rows.h"

namespace streamhouse::metadata {

using base::Errc;
using base::make_error;
using namespace postgres;

namespace {

constexpr std::string_view kStore =
    "UPDATE sh_groups SET generation = $2, protocol_type = $3, state = $4, members = $5"
    " WHERE group_id = $1";
constexpr std::string_view kDelete = "DELETE FROM sh_groups WHERE group_id = $1";
constexpr std::string_view kDeleteOffsets = "DELETE FROM sh_offsets WHERE group_id = $1";
constexpr auto kById = sql_text("SELECT ", kGroupColumns, " FROM sh_groups WHERE group_id = $1");
constexpr auto kOffsets = sql_text(
    "SELECT ", kOffsetColumns, " FROM sh_offsets WHERE group_id = $1 ORDER BY topic_no, partition");
constexpr auto kList = sql_text("SELECT ", kGroupColumns,
                                " FROM sh_groups WHERE group_id > $1 ORDER BY group_id LIMIT $2");

}  // namespace

Status PostgresMetadata::save_group(const ShardGuard& guard, const Group& group) {
  SH_TRY_OK(check_group_form(group.group_id, group.commit_no));
  return db().transaction([&]() -> Status {
    SH_TRY_OK(check_guard(db(), guard));
    SH_TRY(const GroupWrite write, check_commit_no(db(), guard, group.group_id, group.commit_no));
    if (write == GroupWrite::kDone) return db().confirm_commits();
    SH_TRY_OK(write_group(db(), write, group.group_id, group.commit_no));
    SH_TRY_OK(db().execute(kStore, group.group_id, group.generation, group.protocol_type,
                           group.state, group.members));
    return {};
  });
}

Status PostgresMetadata::delete_group(const ShardGuard& guard, const std::string& group_id,
                                      std::int64_t commit_no) {
  SH_TRY_OK(check_group_form(group_id, commit_no));
  return db().transaction([&]() -> Status {
    SH_TRY_OK(check_guard(db(), guard));
    SH_TRY_OK(lock_floor(db(), guard));
    SH_TRY(const auto stored, lock_group(db(), group_id));
    if (!stored) return {};
    if (*stored != commit_no - 1)
      return make_error(Errc::kConflict, "group '" + group_id + "' is at commit number " +
                                             std::to_string(*stored) + ", which " +
                                             std::to_string(commit_no) + " does not follow");
    SH_TRY_OK(raise_floor(db(), guard, commit_no));
    SH_TRY_OK(db().execute(kDelete, group_id));
    SH_TRY_OK(db().execute(kDeleteOffsets, group_id));
    return add_change(db(), ChangeKind::kGroup, group_id);
  });
}

Result<LoadedGroup> PostgresMetadata::load_group(const std::string& group_id) {
  return db().snapshot([&]() -> Result<LoadedGroup> {
    SH_TRY(auto group, db().first(kById, read_group<Row>, group_id));
    if (!group) return make_error(Errc::kGroupNotFound, "there is no group '" + group_id + "'");
    LoadedGroup loaded{.group = *std::move(group), .offsets = {}};
    SH_TRY(loaded.offsets, db().all(kOffsets, read_offset<Row>, group_id));
    return loaded;
  });
}

Result<std::vector<Group>> PostgresMetadata::list_groups(const std::string& after,
                                                         std::size_t limit) {
  return db().all(kList, read_group<Row>, after, limit);
}

}  // namespace streamhouse::metadata
