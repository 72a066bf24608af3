// Leases: which session leads which partition (rule P11).
#include <map>
#include <set>

#include "metadata/postgres/postgres_metadata.h"
#include "metadata/postgres/tables/changes.h"
#include "metadata/postgres/tables/partition_rows.h"
#include "metadata/postgres/tables/sessions.h"
#include "metadata/rules/topic_rules.h"
#include "metadata/sql/rows.h"

namespace streamhouse::metadata {

using base::Errc;
using base::make_error;
using namespace postgres;

namespace {

/// Nobody deletes or purges the topics meanwhile.
constexpr std::string_view kShareLiveTopics =
    "SELECT t.topic_no FROM sh_topics t JOIN unnest($1) AS k (topic_no) ON k.topic_no = t.topic_no"
    " WHERE t.state = 0 ORDER BY t.topic_no FOR SHARE OF t";
constexpr std::string_view kAcquire =
    "UPDATE sh_partitions p SET owner_session = $1, leader_epoch = p.leader_epoch + 1,"
    " since_seq = e.since_seq, acquired_at = $2, updated_at = $2"
    " FROM unnest($3, $4, $5) AS e (topic_no, partition, since_seq)"
    " WHERE p.topic_no = e.topic_no AND p.partition = e.partition";
constexpr auto kOfPartition = sql_text(kSelectLeases, "WHERE p.topic_no = $1 AND p.partition = $2");
constexpr auto kOfTopic =
    sql_text(kSelectLeases, "WHERE p.topic_no = $1 ORDER BY p.topic_no, p.partition");
constexpr auto kAll = sql_text(kSelectLeases, "ORDER BY p.topic_no, p.partition");

/// Answers requests against rows that are locked, and collects what is to be written.
class Acquisition {
 public:
  Acquisition(SessionId session, DatabaseMs now) : session_(session), now_(now) {}

  /// Locks, in order, and reads all that the requests look at.
  Status look(Connection& db, const std::vector<AcquireRequest>& requests) {
    std::set<model::TopicNo> topics;
    std::set<TopicPartition> keys;
    for (const AcquireRequest& request : requests) {
      topics.insert(request.key.topic);
      keys.insert(request.key);
    }
    const auto read_no = [](Row row) { return row.get<model::TopicNo>(0); };
    const std::vector<model::TopicNo> numbers(topics.begin(), topics.end());
    SH_TRY(const auto live, db.all(kShareLiveTopics, read_no, numbers));
    live_topics_.insert(live.begin(), live.end());
    const KeyColumns columns = columns_of({keys.begin(), keys.end()});
    SH_TRY_OK(lock_partitions(db, columns));
    SH_TRY(auto rows, find_partitions(db, columns));
    for (Partition& row : rows) rows_.emplace(row.key, std::move(row));
    return {};
  }

  Result<Partition> acquire(const AcquireRequest& request) {
    const TopicPartition key = request.key;
    const auto found = rows_.find(key);
    const bool there = found != rows_.end();
    if (there && found->second.owner == session_ &&
        found->second.epoch.value() - 1 == request.expected_epoch.value())
      return found->second;
    if (!live_topics_.contains(key.topic))
      return make_error(Errc::kTopicNotFound, "the topic of " + to_string(key) + " is gone");
    if (!there) return partition_not_found(key);
    Partition& row = found->second;
    if (row.owner != model::kNoSession || row.epoch != request.expected_epoch)
      return make_error(Errc::kConflict, "partition " + to_string(key) +
                                             " is led by another session, or its epoch moved");
    row.owner = session_;
    row.epoch = LeaderEpoch(row.epoch.value() + 1);
    row.since_seq = request.since_seq;
    row.acquired_ms = row.updated_ms = now_;
    taken_.push_back(key);
    since_seqs_.push_back(request.since_seq);
    return row;
  }

  Status store(Connection& db) const {
    if (taken_.empty()) return {};
    const KeyColumns keys = columns_of(taken_);
    SH_TRY_OK(db.execute(kAcquire, session_, now_, keys.topics, keys.partitions, since_seqs_));
    return add_lease_changes(db, taken_);
  }

 private:
  SessionId session_;
  DatabaseMs now_;
  std::set<model::TopicNo> live_topics_;
  std::map<TopicPartition, Partition> rows_;
  std::vector<TopicPartition> taken_;  ///< In the order of the requests.
  std::vector<Seq> since_seqs_;
};

}  // namespace

Result<std::vector<Result<Partition>>> PostgresMetadata::acquire_leases(
    SessionId session, const std::vector<AcquireRequest>& requests) {
  return db().transaction([&]() -> Result<std::vector<Result<Partition>>> {
    SH_TRY_OK(share_live(db(), session));
    Acquisition acquisition(session, db().now());
    SH_TRY_OK(acquisition.look(db(), requests));
    std::vector<Result<Partition>> answers;
    answers.reserve(requests.size());
    for (const AcquireRequest& request : requests) answers.push_back(acquisition.acquire(request));
    SH_TRY_OK(acquisition.store(db()));
    return answers;
  });
}

Result<Lease> PostgresMetadata::get_lease(TopicPartition key) {
  return db().snapshot([&]() -> Result<Lease> {
    SH_TRY_OK(require_partition(db(), key));
    SH_TRY(auto lease, db().first(kOfPartition, read_lease<Row>, key.topic, key.partition));
    if (lease) return *std::move(lease);
    return make_error(Errc::kNotFound, "partition " + to_string(key) + " has no leader");
  });
}

Result<std::vector<Lease>> PostgresMetadata::list_leases(std::optional<model::TopicNo> topic) {
  if (topic) return db().all(kOfTopic, read_lease<Row>, *topic);
  return db().all(kAll, read_lease<Row>);
}

}  // namespace streamhouse::metadata
