// Where the records of partitions lie: spans of commits and segments (rule P13).
#include <algorithm>
#include <set>

#include "metadata/postgres/driver/chunks.h"
#include "metadata/postgres/postgres_metadata.h"
#include "metadata/postgres/tables/partition_rows.h"
#include "metadata/postgres/tables/visible_watermarks.h"
#include "metadata/sql/rows.h"
#include "metadata/sql/span_collector.h"

namespace streamhouse::metadata {

using base::Errc;
using base::make_error;
using namespace postgres;

namespace {

/// Every commit row that is not void.
constexpr std::string_view kCommits =
    "SELECT c.session, c.seq, c.object_size, c.created_at, c.payload FROM sh_sessions s"
    " JOIN sh_commits c ON c.session = s.session AND c.seq > s.trimmed_to WHERE c.kind = 'C'"
    " ORDER BY c.session, c.seq";
constexpr auto kSegments =
    sql_text("SELECT ", kSegmentColumns,
             ", k.place FROM unnest($1, $2, $3, $4)"
             " AS k (k_topic_no, k_partition, above, place)"
             " JOIN sh_segments s ON s.topic_no = k_topic_no AND s.partition = k_partition"
             " AND s.next_offset > k.above ORDER BY k.place, s.next_offset");
constexpr int kPlaceColumn = 9;
/// The segment that may hold offset $3 of a log that begins at or before it.
constexpr auto kSegmentAt =
    sql_text("SELECT ", kSegmentColumns,
             " FROM sh_segments WHERE topic_no = $1 AND partition = $2 AND next_offset > $3"
             " AND EXISTS (SELECT 1 FROM sh_partitions p WHERE p.topic_no = $1 AND p.partition = $2"
             " AND p.log_start <= $3) ORDER BY next_offset LIMIT 1");

/// The segments of `wanted`, whose first has the place `first`.
Status collect_segments(Connection& db, SpanCollector& collector, std::size_t first,
                        std::span<const SpanCollector::Wanted> wanted) {
  KeyColumns keys;
  std::vector<Offset> above;
  std::vector<std::size_t> places;
  for (const auto& partition : wanted) {
    keys.push_back(partition.key);
    above.push_back(partition.above);
    places.push_back(first + places.size());
  }
  const auto take_segment = [&](Row row) -> Status {
    collector.take_segment(row.get<std::size_t>(kPlaceColumn), read_segment(row));
    return {};
  };
  return db.stream(kSegments, take_segment, keys.topics, keys.partitions, above, places);
}

/// One pass over all commits, then a look-up for each partition.
Status collect(Connection& db, SpanCollector& collector) {
  const auto take_commit = [&](Row row) -> Status {
    SpanLocation commit;
    row.read_from(0, commit.session, commit.seq, commit.object_size, commit.created_ms);
    collector.take_commit(std::move(commit), row.blob(4));
    return {};
  };
  SH_TRY_OK(db.stream(kCommits, take_commit));
  std::size_t first = 0;
  const auto collect_part = [&](std::span<const SpanCollector::Wanted> part) -> Status {
    SH_TRY_OK(collect_segments(db, collector, first, part));
    first += part.size();
    return {};
  };
  return in_chunks(std::span<const SpanCollector::Wanted>(collector.wanted()), collect_part);
}

/// Those that reach above `from` and lie within the log.
Result<std::vector<SpanLocation>> spans_from(Connection& db, const Partition& row, Offset from) {
  SpanCollector collector;
  collector.want(row.key, std::max(from, row.log_start));
  SH_TRY_OK(collect(db, collector));
  if (!collector.damage().empty()) return make_error(Errc::kCorrupt, collector.damage());
  return collector.spans(0);
}

}  // namespace

Result<std::vector<LoadedPartition>> PostgresMetadata::load_partitions(
    const std::vector<TopicPartition>& keys) {
  const std::set<TopicPartition> wanted(keys.begin(), keys.end());
  return db().snapshot([&]() -> Result<std::vector<LoadedPartition>> {
    const std::vector<TopicPartition> sorted(wanted.begin(), wanted.end());
    SH_TRY(auto rows, find_partitions(db(), sorted));
    SH_TRY_OK(raise_visible(db(), rows));
    SpanCollector collector;
    for (const Partition& row : rows) collector.want(row.key, row.log_start);
    SH_TRY_OK(collect(db(), collector));
    std::vector<LoadedPartition> loaded;
    for (std::size_t i = 0; i < rows.size(); ++i)
      loaded.push_back(
          {.row = std::move(rows[i]), .spans = collector.spans(i), .damage = collector.damage()});
    return loaded;
  });
}

Result<std::vector<SpanLocation>> PostgresMetadata::list_segments(TopicPartition key, Offset from,
                                                                  std::size_t limit) {
  return db().snapshot([&]() -> Result<std::vector<SpanLocation>> {
    SH_TRY(const Partition row, require_partition(db(), key));
    SH_TRY(std::vector<SpanLocation> spans, spans_from(db(), row, from));
    if (spans.size() > limit) spans.resize(limit);
    return spans;
  });
}

/// Spans and segments never overlap: only where no segment holds the offset are the logs read.
Result<SpanLocation> PostgresMetadata::find_segment(TopicPartition key, Offset offset) {
  SH_TRY(auto segment, db().first(kSegmentAt, read_segment<Row>, key.topic, key.partition, offset));
  if (segment && segment->offsets.contains(offset)) return *std::move(segment);
  return db().snapshot([&]() -> Result<SpanLocation> {
    SH_TRY(const Partition row, require_partition(db(), key));
    SH_TRY(std::vector<SpanLocation> spans, spans_from(db(), row, offset));
    if (!spans.empty() && spans.front().offsets.contains(offset)) return std::move(spans.front());
    return make_error(Errc::kNotFound, "no segment of partition " + to_string(key) +
                                           " holds offset " + std::to_string(offset.value()));
  });
}

}  // namespace streamhouse::metadata
