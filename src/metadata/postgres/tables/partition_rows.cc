#include "metadata/postgres/tables/partition_rows.h"

#include <algorithm>

#include "metadata/postgres/driver/chunks.h"
#include "metadata/postgres/tables/changes.h"
#include "metadata/postgres/tables/visible_watermarks.h"
#include "metadata/rules/topic_rules.h"
#include "metadata/sql/rows.h"

namespace streamhouse::metadata::postgres {
namespace {

constexpr auto kFind =
    sql_text("SELECT ", kPartitionColumns,
             ", (SELECT v.high_watermark FROM sh_visible v WHERE v.session = p.owner_session"
             " AND v.topic_no = p.topic_no AND v.partition = p.partition"
             " AND v.leader_epoch = p.leader_epoch)",
             kFromPartitions, "WHERE p.topic_no = $1 AND p.partition = $2");
constexpr auto kFindAll = sql_text(kSelectPartitions,
                                   "JOIN unnest($1, $2) AS k (topic_no, partition)"
                                   " ON k.topic_no = p.topic_no AND k.partition = p.partition"
                                   " ORDER BY p.topic_no, p.partition");
constexpr auto kOfOwner =
    sql_text(kSelectPartitions, "WHERE p.owner_session = $1 ORDER BY p.topic_no, p.partition");
/// Rows are locked in the order of the arrays (plans_test.cc): the owner is compared so that its
/// index, which has another order, is of no use.
constexpr std::string_view kFree =
    "UPDATE sh_partitions p SET owner_session = 0, leader_epoch = p.leader_epoch + 1,"
    " high_watermark = e.high_watermark,"
    " visible_high_watermark = greatest(p.visible_high_watermark, e.visible),"
    " log_start = greatest(p.log_start, e.log_start), updated_at = $2"
    " FROM unnest($3, $4, $5, $6, $7, $8)"
    " AS e (topic_no, partition, epoch, high_watermark, visible, log_start)"
    " WHERE p.topic_no = e.topic_no AND p.partition = e.partition"
    " AND p.owner_session + 0 = $1 AND p.leader_epoch = e.epoch RETURNING p.topic_no, p.partition";
constexpr std::string_view kForgetProducers =
    "DELETE FROM sh_partition_producers r USING unnest($1, $2) AS k (topic_no, partition)"
    " WHERE r.topic_no = k.topic_no AND r.partition = k.partition";
constexpr std::string_view kStoreProducers =
    "INSERT INTO sh_partition_producers (topic_no, partition, snapshot)"
    " SELECT k.topic_no, k.partition, k.snapshot"
    " FROM unnest($1, $2, $3) AS k (topic_no, partition, snapshot)"
    " ON CONFLICT (topic_no, partition) DO UPDATE SET snapshot = excluded.snapshot";

/// Behind its columns, what its leader's checkpoints have shown of it.
Partition read_found(Row row) {
  Partition partition = read_partition(row);
  const auto visible = row.get<std::optional<Offset>>(12);
  partition.visible_high_watermark =
      std::max(partition.visible_high_watermark, visible.value_or(Offset(0)));
  return partition;
}

TopicPartition read_key(Row row) {
  return {row.get<model::TopicNo>(0), row.get<model::PartitionIndex>(1)};
}

/// The fields of entries as columns, for unnest.
struct EntryColumns {
  KeyColumns keys = {};
  std::vector<LeaderEpoch> epochs = {};
  std::vector<Offset> high_watermarks = {};
  std::vector<Offset> visible = {};  ///< What is shown from now on.
  std::vector<Offset> log_starts = {};

  EntryColumns(std::span<const segment::PartitionCheckpoint> table,
               const VisibleWatermarks& shown) {
    for (const auto& entry : table) {
      keys.push_back(entry.partition);
      epochs.push_back(entry.epoch);
      high_watermarks.push_back(entry.high_watermark);
      visible.push_back(visible_for(shown, {.key = entry.partition,
                                            .epoch = entry.epoch,
                                            .visible_high_watermark = entry.high_watermark}));
      log_starts.push_back(entry.log_start);
    }
  }
};

/// Of those entries whose partitions are in `freed`, which is sorted; their rows are locked.
Status store_producers(Connection& db, std::span<const segment::PartitionCheckpoint> final_states,
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

KeyColumns columns_of(std::span<const TopicPartition> keys) {
  KeyColumns columns;
  for (const TopicPartition& key : keys) columns.push_back(key);
  return columns;
}

Result<std::optional<Partition>> find_partition(Connection& db, TopicPartition key) {
  return db.first(kFind, read_found, key.topic, key.partition);
}

Result<Partition> require_partition(Connection& db, TopicPartition key) {
  SH_TRY(auto found, find_partition(db, key));
  if (found) return *std::move(found);
  return partition_not_found(key);
}

Result<std::vector<Partition>> find_partitions(Connection& db,
                                               std::span<const TopicPartition> keys) {
  std::vector<Partition> found;
  found.reserve(keys.size());
  const auto take = [&](Row row) {
    found.push_back(read_partition(row));
    return true;
  };
  const auto find = [&](std::span<const TopicPartition> part) -> Status {
    const KeyColumns columns = columns_of(part);
    SH_TRY_OK(db.all(kFindAll, take, columns.topics, columns.partitions));
    return {};
  };
  SH_TRY_OK(in_chunks(keys, find));
  return found;
}

Result<std::vector<Partition>> partitions_of_owner(Connection& db, SessionId owner) {
  SH_TRY(auto rows, db.all(kOfOwner, read_partition<Row>, owner));
  SH_TRY_OK(raise_visible(db, rows));
  return rows;
}

Result<std::size_t> free_partitions(Connection& db, SessionId owner,
                                    const segment::CheckpointTable& final_states) {
  const std::span<const segment::PartitionCheckpoint> entries(final_states);
  SH_TRY(const VisibleWatermarks shown, visible_of(db, owner));
  std::vector<TopicPartition> freed;
  const auto free = [&](std::span<const segment::PartitionCheckpoint> part) -> Status {
    const EntryColumns columns(part, shown);
    SH_TRY(const auto keys,
           db.all(kFree, read_key, owner, db.now(), columns.keys.topics, columns.keys.partitions,
                  columns.epochs, columns.high_watermarks, columns.visible, columns.log_starts));
    freed.insert(freed.end(), keys.begin(), keys.end());
    return {};
  };
  SH_TRY_OK(in_chunks(entries, free));
  std::ranges::sort(freed);
  const auto store = [&](std::span<const segment::PartitionCheckpoint> part) {
    return store_producers(db, part, freed);
  };
  SH_TRY_OK(in_chunks(entries, store));
  SH_TRY_OK(add_lease_changes(db, freed));
  return freed.size();
}

}  // namespace streamhouse::metadata::postgres
