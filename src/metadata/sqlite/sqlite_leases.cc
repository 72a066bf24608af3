// Leases: which session leads which partition (rule P11).
#include "metadata/sql/rows.h"
#include "metadata/sqlite/sqlite_metadata.h"
#include "metadata/sqlite/tables/changes.h"
#include "metadata/sqlite/tables/partition_rows.h"
#include "metadata/sqlite/tables/sessions.h"

namespace streamhouse::metadata {

using base::Errc;
using base::make_error;
using namespace sqlite;

namespace {

constexpr std::string_view kTopicIsLive =
    "SELECT 1 FROM sh_topics WHERE topic_no = ?1 AND state = 0";
constexpr std::string_view kAcquire =
    "UPDATE sh_partitions SET owner_session = ?3, leader_epoch = leader_epoch + 1, since_seq = ?4,"
    " acquired_at = ?5, updated_at = ?5 WHERE topic_no = ?1 AND partition = ?2";
constexpr auto kOfPartition = sql_text(kSelectLeases, "WHERE p.topic_no = ?1 AND p.partition = ?2");
constexpr auto kOfTopic =
    sql_text(kSelectLeases, "WHERE p.topic_no = ?1 ORDER BY p.topic_no, p.partition");
constexpr auto kAll = sql_text(kSelectLeases, "ORDER BY p.topic_no, p.partition");

/// Writes the row of a partition that may be acquired, and returns it as it now is.
Result<Partition> take(Connection& db, SessionId session, Seq since_seq, Partition row,
                       DatabaseMs now) {
  row.owner = session;
  row.epoch = LeaderEpoch(row.epoch.value() + 1);
  row.since_seq = since_seq;
  row.acquired_ms = row.updated_ms = now;
  SH_TRY_OK(db.execute(kAcquire, row.key.topic, row.key.partition, session, since_seq, now));
  SH_TRY_OK(add_lease_change(db, row.key, now));
  return row;
}

/// The outer error is the database's, the inner one the request's answer.
Result<Result<Partition>> acquire_one(Connection& db, SessionId session,
                                      const AcquireRequest& request, DatabaseMs now) {
  const TopicPartition key = request.key;
  SH_TRY(auto row, find_partition(db, key));
  const bool is_own = row && row->owner == session;
  if (is_own && row->epoch.value() - 1 == request.expected_epoch.value())
    return Result<Partition>(*std::move(row));
  SH_TRY(const auto live, db.value<int>(kTopicIsLive, key.topic));
  if (!live)
    return Result<Partition>(Errc::kTopicNotFound, "the topic of " + to_string(key) + " is gone");
  if (!row)
    return Result<Partition>(Errc::kPartitionNotFound, "there is no partition " + to_string(key));
  if (row->owner != model::kNoSession || row->epoch != request.expected_epoch)
    return Result<Partition>(Errc::kConflict, "partition " + to_string(key) +
                                                  " is led by another session, or its epoch moved");
  SH_TRY(Partition taken, take(db, session, request.since_seq, *std::move(row), now));
  return Result<Partition>(std::move(taken));
}

}  // namespace

Result<std::vector<Result<Partition>>> SqliteMetadata::acquire_leases(
    SessionId session, const std::vector<AcquireRequest>& requests) {
  return db().transaction([&]() -> Result<std::vector<Result<Partition>>> {
    SH_TRY_OK(require_live(db(), session));
    std::vector<Result<Partition>> answers;
    answers.reserve(requests.size());
    for (const AcquireRequest& request : requests) {
      SH_TRY(auto answer, acquire_one(db(), session, request, now_));
      answers.push_back(std::move(answer));
    }
    return answers;
  });
}

Result<Lease> SqliteMetadata::get_lease(TopicPartition key) {
  return db().snapshot([&]() -> Result<Lease> {
    SH_TRY_OK(require_partition(db(), key));
    SH_TRY(auto lease, db().first(kOfPartition, read_lease<Row>, key.topic, key.partition));
    if (lease) return *std::move(lease);
    return make_error(Errc::kNotFound, "partition " + to_string(key) + " has no leader");
  });
}

Result<std::vector<Lease>> SqliteMetadata::list_leases(std::optional<model::TopicNo> topic) {
  if (topic) return db().all(kOfTopic, read_lease<Row>, *topic);
  return db().all(kAll, read_lease<Row>);
}

}  // namespace streamhouse::metadata
