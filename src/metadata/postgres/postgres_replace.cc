// Compaction's one transaction (rule P15).
#include <algorithm>
#include <map>
#include <set>

#include "metadata/postgres/postgres_metadata.h"
#include "metadata/postgres/tables/log_prefix.h"
#include "metadata/postgres/tables/object_rows.h"
#include "metadata/postgres/tables/partition_rows.h"
#include "metadata/postgres/tables/sessions.h"
#include "metadata/rules/session_rules.h"
#include "metadata/rules/setting_rules.h"
#include "metadata/sql/rows.h"

namespace streamhouse::metadata {

using base::Errc;
using base::make_error;
using namespace postgres;

namespace {

constexpr std::string_view kFindObjects =
    "SELECT o.object_key, o.session FROM sh_objects o JOIN unnest($1) AS k (object_key)"
    " ON k.object_key = o.object_key ORDER BY o.object_key";
/// Of a deleting topic too; nobody purges them meanwhile.
constexpr std::string_view kShareTopics =
    "SELECT count(*) FROM (SELECT 1 FROM sh_topics t JOIN unnest($1) AS k (topic_no)"
    " ON k.topic_no = t.topic_no ORDER BY t.topic_no FOR SHARE OF t) locked";
constexpr std::string_view kInsertObjects =
    "INSERT INTO sh_objects (object_key, session, level, size, segment_count, state, dead_at)"
    " SELECT k.object_key, $1, 1, k.size, k.segments, CASE WHEN k.segments = 0 THEN 1 ELSE 0 END,"
    " CASE WHEN k.segments = 0 THEN $2 ELSE 0 END"
    " FROM unnest($3, $4, $5) AS k (object_key, size, segments) ON CONFLICT DO NOTHING";
constexpr std::string_view kInsertSegment =
    "INSERT INTO sh_segments (topic_no, partition, next_offset, base_offset, object_key, position,"
    " length, object_size, record_count, max_timestamp, leader_epoch, created_at)"
    " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) ON CONFLICT DO NOTHING";

/// What is counted of each new object: its segments, its size.
struct NewObject {
  std::uint64_t size = 0;
  std::size_t segment_count = 0;
};

class Replacing {
 public:
  Replacing(Connection& db, const Replacement& replacement) : db_(db), wanted_(replacement) {
    for (const ObjectRow& object : wanted_.objects)
      objects_.try_emplace(object.key, NewObject{object.size, 0});
  }

  Status run() {
    SH_TRY_OK(lock_sessions());
    SH_TRY_OK(find_own());
    if (is_repeated()) return {};
    SH_TRY_OK(check());
    SH_TRY_OK(insert_segments());
    SH_TRY_OK(insert_objects());
    SH_TRY_OK(drop_prefix(db_, *log_, wanted_.upto_seq, counts_));
    return counts_.store(db_);
  }

 private:
  Status lock_sessions() {
    const bool compactor_first = static_cast<std::int64_t>(wanted_.compactor.value()) <
                                 static_cast<std::int64_t>(wanted_.log.value());
    if (compactor_first) {
      SH_TRY(compactor_, lock_session(db_, wanted_.compactor));
    }
    SH_TRY(log_, lock_session(db_, wanted_.log));
    if (!compactor_first) {
      SH_TRY(compactor_, lock_session(db_, wanted_.compactor));
    }
    return {};
  }

  /// Which of the objects are there, and whose they are.
  Status find_own() {
    std::vector<std::string> keys;
    for (const auto& [key, object] : objects_) keys.push_back(key);
    const auto take = [this](Row row) {
      return there_.emplace(row.get<std::string>(0), row.get<SessionId>(1)).second;
    };
    SH_TRY_OK(db_.all(kFindObjects, take, keys));
    return {};
  }

  bool is_repeated() const {
    return std::ranges::all_of(objects_, [this](const auto& object) {
      const auto found = there_.find(object.first);
      return found != there_.end() && found->second == wanted_.compactor;
    });
  }

  Status check() {
    if (!compactor_ || compactor_->state != SessionState::kLive)
      return session_not_live(wanted_.compactor);
    if (!log_) return make_error(Errc::kConflict, "there is no session " + to_string(wanted_.log));
    if (log_->state == SessionState::kFencing)
      return make_error(Errc::kFenced,
                        "session " + to_string(wanted_.log) + " is being taken over");
    SH_TRY(const Seq covered, covered_to(db_, *log_));
    if (wanted_.upto_seq > covered)
      return make_error(Errc::kConflict,
                        "the end of the replaced prefix is not covered, or the newest");
    SH_TRY_OK(check_inputs());
    if (there_.empty()) return {};
    return object_is_there(there_.begin()->first);
  }

  /// Every commit of the prefix is an input or needed by nobody, and every input is there.
  Status check_inputs() {
    SpanNeeds spans(db_);
    std::set<Seq> inputs(wanted_.inputs.begin(), wanted_.inputs.end());
    Seq seen = log_->trimmed_to;
    while (true) {
      SH_TRY(const auto rows, read_prefix(db_, log_->id, seen, wanted_.upto_seq));
      if (rows.empty()) break;
      SH_TRY_OK(spans.learn(rows));
      for (const PrefixRow& row : rows) SH_TRY_OK(check_input(spans, row, inputs));
      seen = rows.back().seq;
    }
    if (inputs.empty()) return {};
    return make_error(Errc::kConflict, row_name(log_->id, *inputs.begin()) + " is missing or void");
  }

  Status check_input(const SpanNeeds& spans, const PrefixRow& row, std::set<Seq>& inputs) const {
    const bool is_input = inputs.erase(row.seq) > 0;
    const bool is_commit = row.kind == RowKind::kCommit;
    if (is_input && !is_commit)
      return make_error(Errc::kConflict, row_name(log_->id, row.seq) + " is no commit");
    if (is_input || !is_commit || !spans.needs(row)) return {};
    return make_error(Errc::kConflict, row_name(log_->id, row.seq) + " would be lost");
  }

  static base::Error object_is_there(const std::string& key) {
    return make_error(Errc::kConflict, "object " + key + " is there already");
  }

  /// Those of partitions that are there.
  Status insert_segments() {
    std::set<model::TopicNo> topics;
    std::set<TopicPartition> keys;
    for (const Segment& segment : wanted_.segments) {
      topics.insert(segment.key.topic);
      keys.insert(segment.key);
    }
    SH_TRY_OK(db_.execute(kShareTopics, std::vector<model::TopicNo>(topics.begin(), topics.end())));
    const std::vector<TopicPartition> sorted(keys.begin(), keys.end());
    SH_TRY(const auto rows, find_partitions(db_, sorted));
    std::set<TopicPartition> there;
    for (const Partition& row : rows) there.insert(row.key);
    for (const Segment* segment : in_key_order())
      if (there.contains(segment->key)) SH_TRY_OK(insert_segment(*segment));
    return {};
  }

  std::vector<const Segment*> in_key_order() const {
    std::vector<const Segment*> sorted;
    for (const Segment& segment : wanted_.segments) sorted.push_back(&segment);
    std::ranges::sort(sorted, {}, [](const Segment* segment) {
      return std::pair(segment->key, segment->location.offsets.next);
    });
    return sorted;
  }

  Status insert_segment(const Segment& segment) {
    const auto& [key, location, record_count] = segment;
    NewObject& object = objects_.at(location.object_key);
    SH_TRY(
        const auto inserted,
        db_.execute(kInsertSegment, key.topic, key.partition, location.offsets.next,
                    location.offsets.base, location.object_key, location.position, location.length,
                    object.size, record_count, location.max_timestamp, location.epoch, db_.now()));
    if (inserted == 0)
      return make_error(Errc::kConflict, "a segment of partition " + to_string(key) +
                                             " with that end is there already");
    ++object.segment_count;
    return {};
  }

  Status insert_objects() {
    std::vector<std::string> keys;
    std::vector<std::uint64_t> sizes;
    std::vector<std::size_t> segments;
    for (const auto& [key, object] : objects_) {
      keys.push_back(key);
      sizes.push_back(object.size);
      segments.push_back(object.segment_count);
      const bool is_dead = object.segment_count == 0;
      counts_.add(1, is_dead ? ObjectState::kDead : ObjectState::kLive, object.size);
    }
    SH_TRY(const auto inserted,
           db_.execute(kInsertObjects, wanted_.compactor, db_.now(), keys, sizes, segments));
    if (inserted == static_cast<std::int64_t>(keys.size())) return {};
    return object_is_there(keys.front() + " or another of this replacement");
  }

  Connection& db_;
  const Replacement& wanted_;
  std::map<std::string, NewObject> objects_;
  std::map<std::string, SessionId> there_;
  std::optional<Session> compactor_;
  std::optional<Session> log_;
  ObjectCounts counts_;
};

}  // namespace

Status PostgresMetadata::replace_objects(const Replacement& replacement) {
  SH_TRY_OK(check_replacement_form(replacement));
  return db().transaction([&] { return Replacing(db(), replacement).run(); });
}

}  // namespace streamhouse::metadata
