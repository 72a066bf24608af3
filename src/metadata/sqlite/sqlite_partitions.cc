// Partition rows.
#include "metadata/sql/rows.h"
#include "metadata/sqlite/sqlite_metadata.h"
#include "metadata/sqlite/tables/partition_rows.h"

namespace streamhouse::metadata {

using base::Errc;
using base::make_error;
using namespace sqlite;

namespace {

constexpr std::string_view kTopicExists = "SELECT 1 FROM sh_topics WHERE topic_no = ?1";
constexpr auto kOfTopic = sql_text(kSelectPartitions, "WHERE p.topic_no = ?1 ORDER BY p.partition");
constexpr auto kFree =
    sql_text(kSelectPartitions, "WHERE p.owner_session = 0 AND EXISTS",
             " (SELECT 1 FROM sh_topics t WHERE t.topic_no = p.topic_no AND t.state = 0)",
             " ORDER BY p.topic_no, p.partition LIMIT ?1");
constexpr std::string_view kGuard =
    "SELECT owner_session = ?3 AND leader_epoch = ?4 FROM sh_partitions"
    " WHERE topic_no = ?1 AND partition = ?2";
constexpr std::string_view kRaiseLogStart =
    "UPDATE sh_partitions SET log_start = ?3, updated_at = ?4"
    " WHERE topic_no = ?1 AND partition = ?2 AND log_start < ?3";

}  // namespace

Result<Partition> SqliteMetadata::get_partition(TopicPartition key) {
  return require_partition(db(), key);
}

Result<std::vector<Partition>> SqliteMetadata::list_partitions(model::TopicNo topic) {
  return db().snapshot([&]() -> Result<std::vector<Partition>> {
    SH_TRY(const auto there, db().value<int>(kTopicExists, topic));
    if (!there)
      return make_error(Errc::kTopicNotFound, "there is no topic " + std::to_string(topic.value()));
    return db().all(kOfTopic, read_partition<Row>, topic);
  });
}

Result<std::vector<Partition>> SqliteMetadata::list_free_partitions(std::size_t limit) {
  return db().all(kFree, read_partition<Row>, limit);
}

Status SqliteMetadata::advance_log_start(TopicPartition key, SessionId owner, LeaderEpoch epoch,
                                         Offset log_start) {
  return db().transaction([&]() -> Status {
    SH_TRY(const auto led, db().value<bool>(kGuard, key.topic, key.partition, owner, epoch));
    if (!led)
      return make_error(Errc::kPartitionNotFound, "there is no partition " + to_string(key));
    if (!*led)
      return make_error(Errc::kFenced,
                        "partition " + to_string(key) + " has another leader or epoch");
    SH_TRY_OK(db().execute(kRaiseLogStart, key.topic, key.partition, log_start, now_));
    return {};
  });
}

}  // namespace streamhouse::metadata
