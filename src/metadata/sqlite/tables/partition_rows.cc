#include "metadata/sqlite/tables/partition_rows.h"

#include "metadata/rules/topic_rules.h"
#include "metadata/sql/rows.h"
#include "metadata/sqlite/tables/changes.h"

namespace streamhouse::metadata::sqlite {
namespace {

constexpr auto kFind = sql_text(kSelectPartitions, "WHERE p.topic_no = ?1 AND p.partition = ?2");
constexpr auto kOfOwner =
    sql_text(kSelectPartitions, "WHERE p.owner_session = ?1 ORDER BY p.topic_no, p.partition");
constexpr std::string_view kFree =
    "UPDATE sh_partitions SET owner_session = 0, leader_epoch = leader_epoch + 1,"
    " high_watermark = ?5, visible_high_watermark = max(visible_high_watermark, ?5),"
    " log_start = max(log_start, ?6), updated_at = ?7"
    " WHERE topic_no = ?1 AND partition = ?2 AND owner_session = ?3 AND leader_epoch = ?4";
constexpr std::string_view kForgetProducers =
    "DELETE FROM sh_partition_producers WHERE topic_no = ?1 AND partition = ?2";
constexpr std::string_view kStoreProducers =
    "INSERT INTO sh_partition_producers (topic_no, partition, snapshot) VALUES (?1, ?2, ?3)"
    " ON CONFLICT DO UPDATE SET snapshot = ?3";

Status store_producers(Connection& db, TopicPartition key, const base::Bytes& producers) {
  if (producers.empty()) {
    SH_TRY_OK(db.execute(kForgetProducers, key.topic, key.partition));
  } else {
    SH_TRY_OK(db.execute(kStoreProducers, key.topic, key.partition, producers));
  }
  return {};
}

}  // namespace

Result<std::optional<Partition>> find_partition(Connection& db, TopicPartition key) {
  return db.first(kFind, read_partition<Row>, key.topic, key.partition);
}

Result<Partition> require_partition(Connection& db, TopicPartition key) {
  SH_TRY(auto found, find_partition(db, key));
  if (found) return *std::move(found);
  return partition_not_found(key);
}

Result<std::vector<Partition>> partitions_of_owner(Connection& db, SessionId owner) {
  return db.all(kOfOwner, read_partition<Row>, owner);
}

Result<bool> free_partition(Connection& db, SessionId owner,
                            const segment::PartitionCheckpoint& entry, DatabaseMs now) {
  const TopicPartition key = entry.partition;
  SH_TRY(const auto freed, db.execute(kFree, key.topic, key.partition, owner, entry.epoch,
                                      entry.high_watermark, entry.log_start, now));
  if (freed == 0) return false;
  SH_TRY_OK(store_producers(db, key, entry.producers));
  SH_TRY_OK(add_lease_change(db, key, now));
  return true;
}

}  // namespace streamhouse::metadata::sqlite
