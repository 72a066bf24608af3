// Where the records of partitions lie: spans of commits and segments (rule P13).
#include <algorithm>
#include <set>
#include <unordered_map>

#include "metadata/sqlite/sqlite_metadata.h"
#include "metadata/sqlite/tables/partition_rows.h"
#include "metadata/sqlite/tables/rows.h"
#include "metadata/sqlite/tables/sessions.h"
#include "segment/object_key.h"

namespace streamhouse::metadata {

using base::Errc;
using base::make_error;
using namespace sqlite;

namespace {

/// Every commit row that is not void. The join order is fixed: few sessions, then their rows by
/// primary key.
constexpr std::string_view kCommits =
    "SELECT c.session, c.seq, c.object_size, c.created_at, c.payload FROM sh_sessions s"
    " CROSS JOIN sh_commits c WHERE c.session = s.session AND c.seq > s.trimmed_to"
    " AND c.kind = 'C'";
constexpr auto kSegments =
    sql_text("SELECT ", kSegmentColumns,
             " FROM sh_segments WHERE topic_no = ?1 AND partition = ?2 AND next_offset > ?3");

/// Collects the spans that reach above a bound of their partition.
class SpanCollector {
 public:
  /// Requires: the first call for the partition.
  void want(TopicPartition key, Offset above) {
    places_.emplace(key, wanted_.size());
    wanted_.push_back({key, above, {}});
  }

  /// One pass over all commits, then a look-up for each partition. Rows that cannot be decoded are
  /// left out: damage().
  Status collect(Connection& db) {
    SH_TRY_OK(db.each(kCommits, [this](Row row) { return take_commit(row); }));
    for (Wanted& wanted : wanted_) {
      const auto take = [&wanted](Row row) { wanted.spans.push_back(read_segment(row)); };
      SH_TRY_OK(db.each(kSegments, take, wanted.key.topic, wanted.key.partition, wanted.above));
      if (!std::ranges::is_sorted(wanted.spans, {}, &SpanLocation::offsets))  // one log is
        std::ranges::sort(wanted.spans, {}, &SpanLocation::offsets);
    }
    return {};
  }

  /// By base offset, in the order of the calls to want().
  std::vector<SpanLocation>& spans(std::size_t place) { return wanted_[place].spans; }
  /// Names the first row that could not be decoded; empty if there is none.
  const std::string& damage() const { return damage_; }

 private:
  struct Wanted {
    TopicPartition key;
    Offset above;
    std::vector<SpanLocation> spans;
  };

  Result<Next> take_commit(Row row) {
    SpanLocation location;
    row.read_from(0, location.session, location.seq, location.object_size, location.created_ms);
    const auto spans = segment::decode_span_table(row.blob(4));
    if (!spans) {
      if (damage_.empty())
        damage_ = row_name(location.session, location.seq) + ": " + spans.error().text;
      return Next::kContinue;
    }
    location.object_key = segment::object_key(location.session, location.seq);
    for (const segment::Span& span : *spans) take_span(location, span);
    return Next::kContinue;
  }

  void take_span(const SpanLocation& commit, const segment::Span& span) {
    const auto place = places_.find(span.partition);
    if (place == places_.end()) return;
    Wanted& wanted = wanted_[place->second];
    if (span.offsets.next <= wanted.above) return;
    SpanLocation& location = wanted.spans.emplace_back(commit);
    location.offsets = span.offsets;
    location.position = span.position;
    location.length = span.length;
    location.max_timestamp = span.max_timestamp;
    location.epoch = span.epoch;
  }

  std::vector<Wanted> wanted_;
  std::string damage_;
  std::unordered_map<TopicPartition, std::size_t> places_;  ///< In wanted_.
};

}  // namespace

Result<std::vector<LoadedPartition>> SqliteMetadata::load_partitions(
    const std::vector<TopicPartition>& keys) {
  return db().snapshot([&]() -> Result<std::vector<LoadedPartition>> {
    std::vector<LoadedPartition> loaded;
    SpanCollector collector;
    for (const TopicPartition& key : std::set(keys.begin(), keys.end())) {
      SH_TRY(auto row, find_partition(db(), key));
      if (!row) continue;
      collector.want(key, row->log_start);
      loaded.push_back({.row = *std::move(row), .spans = {}});
    }
    SH_TRY_OK(collector.collect(db()));
    for (std::size_t i = 0; i < loaded.size(); ++i) {
      loaded[i].spans = std::move(collector.spans(i));
      loaded[i].damage = collector.damage();
    }
    return loaded;
  });
}

Result<std::vector<SpanLocation>> SqliteMetadata::list_segments(TopicPartition key, Offset from,
                                                                std::size_t limit) {
  return db().snapshot([&]() -> Result<std::vector<SpanLocation>> {
    SH_TRY(const Partition row, require_partition(db(), key));
    SpanCollector collector;
    collector.want(key, std::max(from, row.log_start));
    SH_TRY_OK(collector.collect(db()));
    if (!collector.damage().empty()) return make_error(Errc::kCorrupt, collector.damage());
    std::vector<SpanLocation> spans = std::move(collector.spans(0));
    if (spans.size() > limit) spans.resize(limit);
    return spans;
  });
}

Result<SpanLocation> SqliteMetadata::find_segment(TopicPartition key, Offset offset) {
  SH_TRY(std::vector<SpanLocation> spans, list_segments(key, offset, 1));
  if (!spans.empty() && spans.front().offsets.contains(offset)) return std::move(spans.front());
  return make_error(Errc::kNotFound, "no segment of partition " + to_string(key) +
                                         " holds offset " + std::to_string(offset.value()));
}

}  // namespace streamhouse::metadata
