// Committed offsets (rule P18).
#include <algorithm>
#include <set>

#include "metadata/postgres/driver/chunks.h"
#include "metadata/postgres/driver/stored_text.h"
#include "metadata/postgres/postgres_metadata.h"
#include "metadata/postgres/tables/group_guard.h"
#include "metadata/postgres/tables/partition_rows.h"
#include "metadata/sql/rows.h"

namespace streamhouse::metadata {

using base::Errc;
using base::make_error;
using namespace postgres;

namespace {

/// Nobody purges the topics meanwhile; other changes of them do not wait.
constexpr std::string_view kShareTopics =
    "SELECT count(*) FROM (SELECT 1 FROM sh_topics t JOIN unnest($1) AS k (topic_no)"
    " ON k.topic_no = t.topic_no ORDER BY t.topic_no FOR KEY SHARE OF t) locked";
/// Of partitions that are there.
constexpr std::string_view kUpsert =
    "INSERT INTO sh_offsets (group_id, topic_no, partition, committed_offset, leader_epoch,"
    " metadata, committed_at, expires_at)"
    " SELECT $1, e.topic_no, e.partition, e.committed_offset, e.leader_epoch, e.metadata, $2,"
    " CASE WHEN e.expires_at < 0 THEN NULL ELSE e.expires_at END"
    " FROM unnest($3, $4, $5, $6, $7, $8) AS e"
    " (topic_no, partition, committed_offset, leader_epoch, metadata, expires_at)"
    " JOIN sh_partitions p ON p.topic_no = e.topic_no AND p.partition = e.partition"
    " ON CONFLICT (group_id, topic_no, partition) DO UPDATE SET"
    " committed_offset = excluded.committed_offset, leader_epoch = excluded.leader_epoch,"
    " metadata = excluded.metadata, committed_at = excluded.committed_at,"
    " expires_at = excluded.expires_at";
constexpr std::string_view kDelete =
    "DELETE FROM sh_offsets o USING unnest($2, $3) AS k (topic_no, partition)"
    " WHERE o.group_id = $1 AND o.topic_no = k.topic_no AND o.partition = k.partition";
constexpr auto kFetch = sql_text(
    "SELECT o.topic_no, o.partition, committed_offset, leader_epoch, metadata, committed_at,"
    " expires_at FROM sh_offsets o JOIN unnest($2, $3) AS k (topic_no, partition)"
    " ON k.topic_no = o.topic_no AND k.partition = o.partition"
    " WHERE o.group_id = $1 ORDER BY o.topic_no, o.partition");
/// What a commit is just writing is left for the next time, so that this waits for nobody.
constexpr std::string_view kExpire =
    "DELETE FROM sh_offsets o USING (SELECT group_id, topic_no, partition FROM sh_offsets"
    " WHERE expires_at IS NOT NULL AND expires_at < $1"
    " ORDER BY expires_at, group_id, topic_no, partition LIMIT $2 FOR UPDATE SKIP LOCKED) e"
    " WHERE o.group_id = e.group_id AND o.topic_no = e.topic_no AND o.partition = e.partition";
constexpr std::string_view kThere =
    "SELECT p.topic_no, p.partition FROM sh_partitions p"
    " JOIN unnest($1, $2) AS k (topic_no, partition)"
    " ON k.topic_no = p.topic_no AND k.partition = p.partition";

Status check_keys_differ(const std::vector<CommittedOffset>& offsets) {
  std::set<TopicPartition> keys;
  for (const CommittedOffset& offset : offsets)
    if (!keys.insert(offset.key).second)
      return make_error(Errc::kInvalid, "partition " + to_string(offset.key) + " is named twice");
  return {};
}

std::vector<model::TopicNo> topics_of(const std::vector<CommittedOffset>& offsets) {
  std::set<model::TopicNo> topics;
  for (const CommittedOffset& offset : offsets) topics.insert(offset.key.topic);
  return {topics.begin(), topics.end()};
}

/// Offsets as columns, for unnest.
struct OffsetColumns {
  KeyColumns keys = {};
  std::vector<Offset> offsets = {};
  std::vector<LeaderEpoch> epochs = {};
  std::vector<std::string> metadata = {};
  std::vector<std::int64_t> expires = {};  ///< -1 for none.

  explicit OffsetColumns(std::span<const CommittedOffset> list) {
    for (const CommittedOffset& offset : list) {
      keys.push_back(offset.key);
      offsets.push_back(offset.offset);
      epochs.push_back(offset.leader_epoch);
      metadata.push_back(to_stored_text(offset.metadata));
      expires.push_back(offset.expires_ms.value_or(-1));
    }
  }
};

/// The first of the partitions, in the order of the request, that is not there.
Result<base::Error> missing_partition(Connection& db, std::span<const CommittedOffset> offsets) {
  const OffsetColumns columns(offsets);
  const auto read = [](Row row) {
    return TopicPartition{row.get<model::TopicNo>(0), row.get<model::PartitionIndex>(1)};
  };
  SH_TRY(const auto found, db.all(kThere, read, columns.keys.topics, columns.keys.partitions));
  const std::set<TopicPartition> there(found.begin(), found.end());
  for (const CommittedOffset& offset : offsets)
    if (!there.contains(offset.key))
      return make_error(Errc::kPartitionNotFound, "there is no partition " + to_string(offset.key));
  return make_error(Errc::kUnavailable, "the partitions have changed: try again");
}

Status upsert(Connection& db, const std::string& group_id,
              std::span<const CommittedOffset> offsets) {
  const OffsetColumns columns(offsets);
  SH_TRY(const auto written,
         db.execute(kUpsert, group_id, db.now(), columns.keys.topics, columns.keys.partitions,
                    columns.offsets, columns.epochs, columns.metadata, columns.expires));
  if (written == static_cast<std::int64_t>(offsets.size())) return {};
  const Result<base::Error> missing = missing_partition(db, offsets);
  return missing ? *missing : missing.error();
}

}  // namespace

Status PostgresMetadata::commit_offsets(const ShardGuard& guard, const std::string& group_id,
                                        std::int64_t commit_no,
                                        const std::vector<CommittedOffset>& offsets) {
  SH_TRY_OK(check_group_form(group_id, commit_no));
  SH_TRY_OK(check_keys_differ(offsets));
  return db().transaction([&]() -> Status {
    SH_TRY_OK(db().execute(kShareTopics, topics_of(offsets)));
    SH_TRY_OK(check_guard(db(), guard));
    SH_TRY(const GroupWrite write, check_commit_no(db(), guard, group_id, commit_no));
    if (write == GroupWrite::kDone) return db().confirm_commits();
    const auto upsert_part = [&](std::span<const CommittedOffset> part) {
      return upsert(db(), group_id, part);
    };
    SH_TRY_OK(in_chunks(std::span<const CommittedOffset>(offsets), upsert_part));
    return write_group(db(), write, group_id, commit_no);
  });
}

Status PostgresMetadata::delete_offsets(const ShardGuard& guard, const std::string& group_id,
                                        std::int64_t commit_no,
                                        const std::vector<TopicPartition>& keys) {
  SH_TRY_OK(check_group_form(group_id, commit_no));
  return db().transaction([&]() -> Status {
    SH_TRY_OK(check_guard(db(), guard));
    SH_TRY(const auto stored, lock_group(db(), group_id));
    if (!stored) return make_error(Errc::kGroupNotFound, "there is no group '" + group_id + "'");
    SH_TRY(const GroupWrite write, check_commit_no(db(), guard, group_id, commit_no));
    if (write == GroupWrite::kDone) return db().confirm_commits();
    const KeyColumns columns = columns_of(keys);
    SH_TRY_OK(db().execute(kDelete, group_id, columns.topics, columns.partitions));
    return write_group(db(), write, group_id, commit_no);
  });
}

Result<std::vector<CommittedOffset>> PostgresMetadata::fetch_offsets(
    const std::string& group_id, const std::vector<TopicPartition>& keys) {
  const std::set<TopicPartition> wanted(keys.begin(), keys.end());
  const std::vector<TopicPartition> sorted(wanted.begin(), wanted.end());
  const KeyColumns columns = columns_of(sorted);
  return db().all(kFetch, read_offset<Row>, group_id, columns.topics, columns.partitions);
}

Result<std::size_t> PostgresMetadata::expire_offsets(DatabaseMs before_ms, std::size_t limit) {
  SH_TRY(const auto expired, db().execute(kExpire, before_ms, limit));
  return static_cast<std::size_t>(expired);
}

}  // namespace streamhouse::metadata
