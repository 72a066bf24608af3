// Leases: which session leads which partition (rule P11).
#include <map>
#include <set>
#include <utility>

#include "metadata/postgres/driver/chunks.h"
#include "metadata/postgres/postgres_metadata.h"
#include "metadata/postgres/tables/changes.h"
#include "metadata/postgres/tables/partition_rows.h"
#include "metadata/postgres/tables/sessions.h"
#include "metadata/postgres/tables/visible_watermarks.h"
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
/// Takes what is free under the epoch expected. Rows are locked in the order of the arrays
/// (plans_test.cc), as with free_partitions().
constexpr std::string_view kAcquire =
    "UPDATE sh_partitions p SET owner_session = $1, leader_epoch = p.leader_epoch + 1,"
    " since_seq = e.since_seq, acquired_at = $2, updated_at = $2"
    " FROM unnest($3, $4, $5, $6) AS e (topic_no, partition, expected_epoch, since_seq)"
    " WHERE p.topic_no = e.topic_no AND p.partition = e.partition AND p.owner_session + 0 = 0"
    " AND p.leader_epoch = e.expected_epoch"
    " RETURNING p.topic_no, p.partition, p.leader_epoch, p.owner_session, p.since_seq, p.log_start,"
    " p.high_watermark, p.visible_high_watermark, NULL::bytea, p.created_at, p.updated_at,"
    " p.acquired_at";
constexpr std::string_view kProducers =
    "SELECT r.topic_no, r.partition, r.snapshot FROM sh_partition_producers r"
    " JOIN unnest($1, $2) AS k (topic_no, partition)"
    " ON k.topic_no = r.topic_no AND k.partition = r.partition";
constexpr auto kOfPartition = sql_text(kSelectLeases, "WHERE p.topic_no = $1 AND p.partition = $2");
constexpr auto kOfTopic =
    sql_text(kSelectLeases, "WHERE p.topic_no = $1 ORDER BY p.topic_no, p.partition");
constexpr auto kAll = sql_text(kSelectLeases, "ORDER BY p.topic_no, p.partition");

/// What may be taken: sorted, so that rows are locked in the order of their keys; of equal requests
/// the first counts.
using Candidates = std::map<std::pair<TopicPartition, LeaderEpoch>, Seq>;

class Acquisition {
 public:
  Acquisition(Connection& db, SessionId session) : db_(db), session_(session) {}

  Result<std::vector<Result<Partition>>> answer(const std::vector<AcquireRequest>& requests) {
    SH_TRY_OK(share_topics(requests));
    SH_TRY_OK(take(requests));
    SH_TRY_OK(look_at_others(requests));
    SH_TRY_OK(add_lease_changes(db_, taken_by(requests)));
    std::vector<Result<Partition>> answers;
    answers.reserve(requests.size());
    for (const AcquireRequest& request : requests) answers.push_back(answer_to(request));
    return answers;
  }

 private:
  Status share_topics(const std::vector<AcquireRequest>& requests) {
    std::set<model::TopicNo> topics;
    for (const AcquireRequest& request : requests) topics.insert(request.key.topic);
    const auto read = [](Row row) { return row.get<model::TopicNo>(0); };
    const std::vector<model::TopicNo> numbers(topics.begin(), topics.end());
    SH_TRY(const auto live, db_.all(kShareLiveTopics, read, numbers));
    live_topics_.insert(live.begin(), live.end());
    return {};
  }

  Status take(const std::vector<AcquireRequest>& requests) {
    Candidates candidates;
    for (const AcquireRequest& request : requests)
      if (live_topics_.contains(request.key.topic))
        candidates.try_emplace({request.key, request.expected_epoch}, request.since_seq);
    const std::vector<Candidates::value_type> sorted(candidates.begin(), candidates.end());
    const auto take_part = [this](std::span<const Candidates::value_type> part) {
      return take_candidates(part);
    };
    SH_TRY_OK(in_chunks(std::span<const Candidates::value_type>(sorted), take_part));
    return read_producers();
  }

  Status take_candidates(std::span<const Candidates::value_type> candidates) {
    KeyColumns keys;
    std::vector<LeaderEpoch> epochs;
    std::vector<Seq> since_seqs;
    for (const auto& [wanted, since_seq] : candidates) {
      keys.push_back(wanted.first);
      epochs.push_back(wanted.second);
      since_seqs.push_back(since_seq);
    }
    const auto keep = [this](Row row) {
      Partition taken = read_partition(row);
      const TopicPartition key = taken.key;
      return taken_.emplace(key, std::move(taken)).second;
    };
    SH_TRY_OK(db_.all(kAcquire, keep, session_, db_.now(), keys.topics, keys.partitions, epochs,
                      since_seqs));
    return {};
  }

  /// What goes with the rows taken, which nobody else can change any more.
  Status read_producers() {
    std::vector<TopicPartition> taken;
    for (const auto& [key, row] : taken_) taken.push_back(key);
    const auto keep = [this](Row row) {
      const TopicPartition key{row.get<model::TopicNo>(0), row.get<model::PartitionIndex>(1)};
      taken_.at(key).producers = row.get<base::Bytes>(2);
      return true;
    };
    const auto read = [&](std::span<const TopicPartition> part) -> Status {
      const KeyColumns keys = columns_of(part);
      SH_TRY_OK(db_.all(kProducers, keep, keys.topics, keys.partitions));
      return {};
    };
    return in_chunks(std::span<const TopicPartition>(taken), read);
  }

  /// At what was not taken: whether it is led already, and by whom.
  Status look_at_others(const std::vector<AcquireRequest>& requests) {
    std::set<TopicPartition> others;
    for (const AcquireRequest& request : requests)
      if (!taken_.contains(request.key)) others.insert(request.key);
    const std::vector<TopicPartition> sorted(others.begin(), others.end());
    SH_TRY(auto rows, find_partitions(db_, sorted));
    SH_TRY_OK(raise_visible(db_, rows));
    for (Partition& row : rows) others_.emplace(row.key, std::move(row));
    return {};
  }

  /// In the order of the requests, each once.
  std::vector<TopicPartition> taken_by(const std::vector<AcquireRequest>& requests) const {
    std::vector<TopicPartition> taken;
    std::set<TopicPartition> seen;
    for (const AcquireRequest& request : requests) {
      const auto found = taken_.find(request.key);
      if (found != taken_.end() && is_led_by(found->second, request) &&
          seen.insert(request.key).second)
        taken.push_back(request.key);
    }
    return taken;
  }

  bool is_led_by(const Partition& row, const AcquireRequest& request) const {
    return row.owner == session_ && row.epoch.value() - 1 == request.expected_epoch.value();
  }

  Result<Partition> answer_to(const AcquireRequest& request) const {
    const auto taken = taken_.find(request.key);
    const auto other = others_.find(request.key);
    const Partition* const row = taken != taken_.end()    ? &taken->second
                                 : other != others_.end() ? &other->second
                                                          : nullptr;
    if (row && is_led_by(*row, request)) return *row;
    if (!live_topics_.contains(request.key.topic))
      return make_error(Errc::kTopicNotFound,
                        "the topic of " + to_string(request.key) + " is gone");
    if (!row) return partition_not_found(request.key);
    return make_error(Errc::kConflict, "partition " + to_string(request.key) +
                                           " is led by another session, or its epoch moved");
  }

  Connection& db_;
  SessionId session_;
  std::set<model::TopicNo> live_topics_;
  std::map<TopicPartition, Partition> taken_;   ///< Taken just now.
  std::map<TopicPartition, Partition> others_;  ///< Of the other requests.
};

}  // namespace

Result<std::vector<Result<Partition>>> PostgresMetadata::acquire_leases(
    SessionId session, const std::vector<AcquireRequest>& requests) {
  return db().transaction([&]() -> Result<std::vector<Result<Partition>>> {
    SH_TRY_OK(share_live(db(), session));
    return Acquisition(db(), session).answer(requests);
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
