// Committed offsets (rule P18).
#include <algorithm>
#include <set>

#include "metadata/sql/rows.h"
#include "metadata/sqlite/sqlite_metadata.h"
#include "metadata/sqlite/tables/group_guard.h"

namespace streamhouse::metadata {

using base::Errc;
using base::make_error;
using namespace sqlite;

namespace {

/// Inserts nothing if the partition is gone.
constexpr std::string_view kUpsert =
    "INSERT OR REPLACE INTO sh_offsets (group_id, topic_no, partition, committed_offset,"
    " leader_epoch, metadata, committed_at, expires_at)"
    " SELECT ?1, topic_no, partition, ?4, ?5, ?6, ?7, ?8 FROM sh_partitions"
    " WHERE topic_no = ?2 AND partition = ?3";
constexpr std::string_view kDelete =
    "DELETE FROM sh_offsets WHERE group_id = ?1 AND topic_no = ?2 AND partition = ?3";
constexpr auto kFetch =
    sql_text("SELECT ", kOffsetColumns,
             " FROM sh_offsets WHERE group_id = ?1 AND topic_no = ?2 AND partition = ?3");
constexpr std::string_view kExpired =
    "SELECT group_id, topic_no, partition FROM sh_offsets"
    " WHERE expires_at IS NOT NULL AND expires_at < ?1"
    " ORDER BY expires_at, group_id, topic_no, partition LIMIT ?2";

struct OffsetKey {
  std::string group_id = {};
  TopicPartition partition = {};
};

OffsetKey read_offset_key(Row row) {
  OffsetKey key;
  row.read_from(0, key.group_id, key.partition.topic, key.partition.partition);
  return key;
}

Status check_keys_differ(const std::vector<CommittedOffset>& offsets) {
  std::set<TopicPartition> keys;
  for (const CommittedOffset& offset : offsets)
    if (!keys.insert(offset.key).second)
      return make_error(Errc::kInvalid, "partition " + to_string(offset.key) + " is named twice");
  return {};
}

Status upsert(Connection& db, const std::string& group_id, const CommittedOffset& offset,
              DatabaseMs now) {
  SH_TRY(const auto written,
         db.execute(kUpsert, group_id, offset.key.topic, offset.key.partition, offset.offset,
                    offset.leader_epoch, offset.metadata, now, offset.expires_ms));
  if (written > 0) return {};
  return make_error(Errc::kPartitionNotFound, "there is no partition " + to_string(offset.key));
}

}  // namespace

Status SqliteMetadata::commit_offsets(const ShardGuard& guard, const std::string& group_id,
                                      std::int64_t commit_no,
                                      const std::vector<CommittedOffset>& offsets) {
  SH_TRY_OK(check_group_form(group_id, commit_no));
  SH_TRY_OK(check_keys_differ(offsets));
  return db().transaction([&]() -> Status {
    SH_TRY_OK(check_guard(db(), guard));
    SH_TRY(const GroupWrite write, check_commit_no(db(), guard, group_id, commit_no));
    if (write == GroupWrite::kDone) return {};
    for (const CommittedOffset& offset : offsets) SH_TRY_OK(upsert(db(), group_id, offset, now_));
    return write_group(db(), group_id, commit_no, now_);
  });
}

Status SqliteMetadata::delete_offsets(const ShardGuard& guard, const std::string& group_id,
                                      std::int64_t commit_no,
                                      const std::vector<TopicPartition>& keys) {
  SH_TRY_OK(check_group_form(group_id, commit_no));
  return db().transaction([&]() -> Status {
    SH_TRY_OK(check_guard(db(), guard));
    SH_TRY(const bool there, group_exists(db(), group_id));
    if (!there) return make_error(Errc::kGroupNotFound, "there is no group '" + group_id + "'");
    SH_TRY(const GroupWrite write, check_commit_no(db(), guard, group_id, commit_no));
    if (write == GroupWrite::kDone) return {};
    for (const TopicPartition& key : keys)
      SH_TRY_OK(db().execute(kDelete, group_id, key.topic, key.partition));
    return write_group(db(), group_id, commit_no, now_);
  });
}

Result<std::vector<CommittedOffset>> SqliteMetadata::fetch_offsets(
    const std::string& group_id, const std::vector<TopicPartition>& keys) {
  return db().snapshot([&]() -> Result<std::vector<CommittedOffset>> {
    std::vector<CommittedOffset> offsets;
    for (const TopicPartition& key : std::set(keys.begin(), keys.end())) {
      SH_TRY(auto offset, db().first(kFetch, read_offset<Row>, group_id, key.topic, key.partition));
      if (offset) offsets.push_back(*std::move(offset));
    }
    return offsets;
  });
}

Result<std::size_t> SqliteMetadata::expire_offsets(DatabaseMs before_ms, std::size_t limit) {
  return db().transaction([&]() -> Result<std::size_t> {
    SH_TRY(const auto expired, db().all(kExpired, read_offset_key, before_ms, limit));
    for (const OffsetKey& key : expired)
      SH_TRY_OK(db().execute(kDelete, key.group_id, key.partition.topic, key.partition.partition));
    return expired.size();
  });
}

}  // namespace streamhouse::metadata
