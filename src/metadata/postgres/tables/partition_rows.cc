#include "metadata/postgres/tables/partition_rows.h"

#include <algorithm>

#include "metadata/postgres/tables/changes.h"
#include "metadata/rules/topic_rules.h"
#include "metadata/sql/rows.h"

namespace streamhouse::metadata::postgres {
namespace {

constexpr auto kFind = sql_text(kSelectPartitions, "WHERE p.topic_no = $1 AND p.partition = $2");
constexpr auto kFindAll = sql_text(kSelectPartitions,
                                   "JOIN unnest($1, $2) AS k (topic_no, partition)"
                                   " ON k.topic_no = p.topic_no AND k.partition = p.partition"
                                   " ORDER BY p.topic_no, p.partition");
constexpr auto kOfOwner =
    sql_text(kSelectPartitions, "WHERE p.owner_session = $1 ORDER BY p.topic_no, p.partition");
constexpr std::string_view kLock =
    "SELECT count(*) FROM (SELECT 1 FROM sh_partitions p"
    " JOIN unnest($1, $2) AS k (topic_no, partition)"
    " ON k.topic_no = p.topic_no AND k.partition = p.partition"
    " ORDER BY p.topic_no, p.partition FOR UPDATE OF p) locked";
constexpr std::string_view kFree =
    "UPDATE sh_partitions p SET owner_session = 0, leader_epoch = p.leader_epoch + 1,"
    " high_watermark = e.high_watermark,"
    " visible_high_watermark = greatest(p.visible_high_watermark, e.high_watermark),"
    " log_start = greatest(p.log_start, e.log_start), updated_at = $2"
    " FROM unnest($3, $4, $5, $6, $7)"
    " AS e (topic_no, partition, epoch, high_watermark, log_start)"
    " WHERE p.topic_no = e.topic_no AND p.partition = e.partition"
    " AND p.owner_session = $1 AND p.leader_epoch = e.epoch RETURNING p.topic_no, p.partition";
constexpr std::string_view kForgetProducers =
    "DELETE FROM sh_partition_producers r USING unnest($1, $2) AS k (topic_no, partition)"
    " WHERE r.topic_no = k.topic_no AND r.partition = k.partition";
constexpr std::string_view kStoreProducers =
    "INSERT INTO sh_partition_producers (topic_no, partition, snapshot)"
    " SELECT k.topic_no, k.partition, k.snapshot"
    " FROM unnest($1, $2, $3) AS k (topic_no, partition, snapshot)"
    " ON CONFLICT (topic_no, partition) DO UPDATE SET snapshot = excluded.snapshot";

TopicPartition read_key(Row row) {
  return {row.get<model::TopicNo>(0), row.get<model::PartitionIndex>(1)};
}

/// The fields of entries as columns, for unnest.
struct EntryColumns {
  KeyColumns keys = {};
  std::vector<LeaderEpoch> epochs = {};
  std::vector<Offset> high_watermarks = {};
  std::vector<Offset> log_starts = {};

  explicit EntryColumns(const segment::CheckpointTable& table) {
    for (const auto& entry : table) {
      keys.push_back(entry.partition);
      epochs.push_back(entry.epoch);
      high_watermarks.push_back(entry.high_watermark);
      log_starts.push_back(entry.log_start);
    }
  }
};

/// `freed` is sorted; the rows of its partitions are locked.
Status store_producers(Connection& db, const segment::CheckpointTable& final_states,
                       const std::vector<TopicPartition>& freed) {
  KeyColumns emptied;
  KeyColumns kept;
  std::vector<base::Bytes> snapshots;
  for (const auto& entry : final_states) {
    if (!std::ranges::binary_search(freed, entry.partition)) continue;
    if (entry.producers.empty()) {
      emptied.push_back(entry.partition);
    } else {
      kept.push_back(entry.partition);
      snapshots.push_back(entry.producers);
    }
  }
  if (!emptied.topics.empty())
    SH_TRY_OK(db.execute(kForgetProducers, emptied.topics, emptied.partitions));
  if (!snapshots.empty())
    SH_TRY_OK(db.execute(kStoreProducers, kept.topics, kept.partitions, snapshots));
  return {};
}

}  // namespace

KeyColumns columns_of(const std::vector<TopicPartition>& keys) {
  KeyColumns columns;
  for (const TopicPartition& key : keys) columns.push_back(key);
  return columns;
}

Result<std::optional<Partition>> find_partition(Connection& db, TopicPartition key) {
  return db.first(kFind, read_partition<Row>, key.topic, key.partition);
}

Result<Partition> require_partition(Connection& db, TopicPartition key) {
  SH_TRY(auto found, find_partition(db, key));
  if (found) return *std::move(found);
  return partition_not_found(key);
}

Result<std::vector<Partition>> find_partitions(Connection& db, const KeyColumns& keys) {
  return db.all(kFindAll, read_partition<Row>, keys.topics, keys.partitions);
}

Result<std::vector<Partition>> partitions_of_owner(Connection& db, SessionId owner) {
  return db.all(kOfOwner, read_partition<Row>, owner);
}

Status lock_partitions(Connection& db, const KeyColumns& keys) {
  SH_TRY_OK(db.execute(kLock, keys.topics, keys.partitions));
  return {};
}

Result<std::size_t> free_partitions(Connection& db, SessionId owner,
                                    const segment::CheckpointTable& final_states) {
  if (final_states.empty()) return std::size_t{0};
  const EntryColumns entries(final_states);
  SH_TRY_OK(lock_partitions(db, entries.keys));
  SH_TRY(auto freed,
         db.all(kFree, read_key, owner, db.now(), entries.keys.topics, entries.keys.partitions,
                entries.epochs, entries.high_watermarks, entries.log_starts));
  std::ranges::sort(freed);
  SH_TRY_OK(store_producers(db, final_states, freed));
  SH_TRY_OK(add_lease_changes(db, freed));
  return freed.size();
}

}  // namespace streamhouse::metadata::postgres
