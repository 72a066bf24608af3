// Partition rows.
#include "metadata/postgres/postgres_metadata.h"
#include "metadata/postgres/tables/partition_rows.h"
#include "metadata/postgres/tables/visible_watermarks.h"
#include "metadata/rules/topic_rules.h"
#include "metadata/sql/rows.h"

namespace streamhouse::metadata {

using base::Errc;
using base::make_error;
using namespace postgres;

namespace {

constexpr std::string_view kTopicExists = "SELECT 1 FROM sh_topics WHERE topic_no = $1";
constexpr auto kOfTopic = sql_text(kSelectPartitions, "WHERE p.topic_no = $1 ORDER BY p.partition");
constexpr auto kFree =
    sql_text(kSelectPartitions, "WHERE p.owner_session = 0 AND EXISTS",
             " (SELECT 1 FROM sh_topics t WHERE t.topic_no = p.topic_no AND t.state = 0)",
             " ORDER BY p.topic_no, p.partition LIMIT $1");
constexpr std::string_view kGuard =
    "SELECT owner_session, leader_epoch FROM sh_partitions"
    " WHERE topic_no = $1 AND partition = $2 FOR UPDATE";
constexpr std::string_view kRaiseLogStart =
    "UPDATE sh_partitions SET log_start = $3, updated_at = $4"
    " WHERE topic_no = $1 AND partition = $2 AND log_start < $3";

}  // namespace

Result<Partition> PostgresMetadata::get_partition(TopicPartition key) {
  return require_partition(db(), key);
}

Result<std::vector<Partition>> PostgresMetadata::list_partitions(model::TopicNo topic) {
  return db().snapshot([&]() -> Result<std::vector<Partition>> {
    SH_TRY(const auto there, db().value<int>(kTopicExists, topic));
    if (!there)
      return make_error(Errc::kTopicNotFound, "there is no topic " + std::to_string(topic.value()));
    SH_TRY(auto rows, db().all(kOfTopic, read_partition<Row>, topic));
    SH_TRY_OK(raise_visible(db(), rows));
    return rows;
  });
}

Result<std::vector<Partition>> PostgresMetadata::list_free_partitions(std::size_t limit) {
  return db().all(kFree, read_partition<Row>, limit);
}

Status PostgresMetadata::advance_log_start(TopicPartition key, SessionId owner, LeaderEpoch epoch,
                                           Offset log_start) {
  const auto is_led = [&](Row row) {
    return row.get<SessionId>(0) == owner && row.get<LeaderEpoch>(1) == epoch;
  };
  return db().transaction([&]() -> Status {
    SH_TRY(const auto led, db().first(kGuard, is_led, key.topic, key.partition));
    if (!led) return partition_not_found(key);
    if (!*led)
      return make_error(Errc::kFenced,
                        "partition " + to_string(key) + " has another leader or epoch");
    SH_TRY_OK(db().execute(kRaiseLogStart, key.topic, key.partition, log_start, db().now()));
    return {};
  });
}

}  // namespace streamhouse::metadata
