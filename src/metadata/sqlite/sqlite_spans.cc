// Where the records of partitions lie: spans of commits and segments (rule P13).
#include <algorithm>
#include <set>

#include "metadata/sql/rows.h"
#include "metadata/sql/span_collector.h"
#include "metadata/sqlite/sqlite_metadata.h"
#include "metadata/sqlite/tables/partition_rows.h"

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

/// One pass over all commits, then a look-up for each partition.
Status collect(Connection& db, SpanCollector& collector) {
  const auto take_commit = [&](Row row) {
    SpanLocation commit;
    row.read_from(0, commit.session, commit.seq, commit.object_size, commit.created_ms);
    collector.take_commit(std::move(commit), row.blob(4));
  };
  SH_TRY_OK(db.each(kCommits, take_commit));
  for (std::size_t place = 0; place < collector.wanted().size(); ++place) {
    const auto& [key, above, spans] = collector.wanted()[place];
    const auto take = [&](Row row) { collector.take_segment(place, read_segment(row)); };
    SH_TRY_OK(db.each(kSegments, take, key.topic, key.partition, above));
  }
  return {};
}

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
    SH_TRY_OK(collect(db(), collector));
    for (std::size_t i = 0; i < loaded.size(); ++i) {
      loaded[i].spans = collector.spans(i);
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
    SH_TRY_OK(collect(db(), collector));
    if (!collector.damage().empty()) return make_error(Errc::kCorrupt, collector.damage());
    std::vector<SpanLocation> spans = collector.spans(0);
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
