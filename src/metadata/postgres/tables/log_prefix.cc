#include "metadata/postgres/tables/log_prefix.h"

#include <algorithm>
#include <limits>

#include "metadata/postgres/tables/partition_rows.h"
#include "metadata/postgres/tables/sessions.h"
#include "metadata/rules/session_rules.h"
#include "metadata/sql/log_letters.h"
#include "segment/object_key.h"
#include "segment/span.h"

namespace streamhouse::metadata::postgres {
namespace {

constexpr std::string_view kLogStarts =
    "SELECT p.topic_no, p.partition, p.log_start FROM sh_partitions p"
    " JOIN unnest($1, $2) AS k (topic_no, partition)"
    " ON k.topic_no = p.topic_no AND k.partition = p.partition";
/// About 64 rows of 10 kB.
constexpr std::string_view kPrefix =
    "SELECT seq, kind, payload FROM sh_commits WHERE session = $1 AND seq > $2 AND seq <= $3"
    " ORDER BY seq LIMIT 64";
constexpr std::string_view kCheckpointEnd =
    "SELECT upto_seq FROM sh_checkpoints WHERE session = $1";
constexpr std::string_view kCommits =
    "SELECT seq, object_size FROM sh_commits"
    " WHERE session = $1 AND seq > $2 AND seq <= $3 AND kind = 'C' ORDER BY seq";
constexpr std::string_view kInsertDead =
    "INSERT INTO sh_objects (object_key, session, level, size, segment_count, state, dead_at)"
    " SELECT k.object_key, $1, 0, k.size, 0, 1, $2 FROM unnest($3, $4) AS k (object_key, size)"
    " ON CONFLICT DO NOTHING RETURNING size";
constexpr std::string_view kDelete =
    "DELETE FROM sh_commits WHERE session = $1 AND seq BETWEEN 1 AND $2";
constexpr std::string_view kRaiseTrim =
    "UPDATE sh_sessions s SET trimmed_to = $2, trimmed_objects = c.total_objects,"
    " trimmed_bytes = c.total_bytes FROM sh_commits c"
    " WHERE s.session = $1 AND c.session = $1 AND c.seq = $2";

/// Stands for a partition that is gone: no offset reaches above it.
constexpr Offset kNothingNeeded{std::numeric_limits<std::int64_t>::max()};

struct Commit {
  Seq seq;
  std::uint64_t object_size;
};

Commit read_commit(Row row) { return {row.get<Seq>(0), row.get<std::uint64_t>(1)}; }

Result<PrefixRow> read_prefix_row(SessionId session, Row row) {
  PrefixRow prefix{.seq = row.get<Seq>(0), .kind = kind_of_letter(row.text(1)), .spans = {}};
  if (prefix.kind != RowKind::kCommit) return prefix;
  auto spans = segment::decode_span_table(row.blob(2));
  if (!spans)
    return {base::Errc::kCorrupt, row_name(session, prefix.seq) + ": " + spans.error().text};
  prefix.spans = *std::move(spans);
  return prefix;
}

}  // namespace

Status SpanNeeds::learn(const std::vector<PrefixRow>& rows) {
  KeyColumns unknown;
  for (const PrefixRow& row : rows)
    for (const segment::Span& span : row.spans)
      if (log_starts_.emplace(span.partition, kNothingNeeded).second)
        unknown.push_back(span.partition);
  if (unknown.topics.empty()) return {};
  const auto take = [this](Row row) {
    const TopicPartition key{row.get<model::TopicNo>(0), row.get<model::PartitionIndex>(1)};
    return log_starts_[key] = row.get<Offset>(2);
  };
  SH_TRY_OK(db_.all(kLogStarts, take, unknown.topics, unknown.partitions));
  return {};
}

bool SpanNeeds::needs(const PrefixRow& row) const {
  return std::ranges::any_of(row.spans, [&](const segment::Span& span) {
    return span.offsets.next > log_starts_.at(span.partition);
  });
}

Result<std::vector<PrefixRow>> read_prefix(Connection& db, SessionId session, Seq after, Seq upto) {
  const auto read = [session](Row row) { return read_prefix_row(session, row); };
  return db.all(kPrefix, read, session, after, upto);
}

Result<Seq> covered_to(Connection& db, const Session& session) {
  SH_TRY(const LogEnd end, require_log_end(db, session.id));
  const Seq below_newest = end.newest - 1;
  if (session.state == SessionState::kRecovered) return below_newest;
  SH_TRY(const auto checkpoint, db.value<Seq>(kCheckpointEnd, session.id));
  return std::min(below_newest, checkpoint.value_or(Seq(0)));
}

Status drop_prefix(Connection& db, const Session& session, Seq upto_seq, ObjectCounts& counts) {
  SH_TRY(const auto commits,
         db.all(kCommits, read_commit, session.id, session.trimmed_to, upto_seq));
  std::vector<std::string> keys;
  std::vector<std::uint64_t> sizes;
  for (const Commit& commit : commits) {
    keys.push_back(segment::object_key(session.id, commit.seq));
    sizes.push_back(commit.object_size);
  }
  const auto count = [&](Row row) {
    counts.add(0, ObjectState::kDead, row.get<std::uint64_t>(0));
    return true;
  };
  if (!keys.empty()) SH_TRY_OK(db.all(kInsertDead, count, session.id, db.now(), keys, sizes));
  SH_TRY_OK(db.execute(kRaiseTrim, session.id, upto_seq));
  SH_TRY_OK(db.execute(kDelete, session.id, upto_seq));
  return {};
}

}  // namespace streamhouse::metadata::postgres
