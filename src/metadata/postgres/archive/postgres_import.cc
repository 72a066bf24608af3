// Inserting rows into an empty database.
#include <algorithm>

#include "metadata/postgres/driver/stored_text.h"
#include "metadata/postgres/postgres_metadata.h"
#include "metadata/postgres/tables/object_rows.h"
#include "metadata/postgres/tables/partition_rows.h"
#include "metadata/rules/import_rules.h"
#include "metadata/sql/rows.h"

namespace streamhouse::metadata {

using base::Errc;
using base::make_error;
using namespace postgres;

namespace {

/// open_session changes that row first, so whoever opens one before has left it.
constexpr std::string_view kLockFeed =
    "SELECT value FROM sh_counters WHERE name = 'change' FOR UPDATE";
constexpr std::string_view kMark = "SELECT value FROM sh_settings WHERE key = $1";
constexpr std::string_view kSetMark =
    "INSERT INTO sh_settings (key, value, version) VALUES ($1, $2, 1)";
constexpr std::string_view kIsUsed =
    "SELECT 1 WHERE EXISTS (SELECT 1 FROM sh_sessions) OR EXISTS (SELECT 1 FROM sh_topics)"
    " OR EXISTS (SELECT 1 FROM sh_settings)"
    " OR EXISTS (SELECT 1 FROM sh_counters WHERE name IN ('topic_no', 'producer_id') AND value > "
    "0)";
constexpr std::string_view kSetCluster =
    "UPDATE sh_cluster SET cluster_id = $1, created_at = $2 WHERE id = 1";
constexpr std::string_view kSetCounter = "UPDATE sh_counters SET value = $2 WHERE name = $1";

constexpr std::string_view kTopic =
    "INSERT INTO sh_topics (topic_no, topic_id, name, partition_count, retention_ms, config,"
    " version, state, kind, created_at, updated_at)"
    " VALUES ($1, $2, $3, $4, $5, CAST($6 AS jsonb), $7, $8, $9, $10, $11) ON CONFLICT DO NOTHING";
constexpr std::string_view kPartitions =
    "INSERT INTO sh_partitions (topic_no, partition, leader_epoch, owner_session, since_seq,"
    " log_start, high_watermark, visible_high_watermark, created_at, updated_at, acquired_at)"
    " SELECT * FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT DO NOTHING";
constexpr std::string_view kProducers =
    "INSERT INTO sh_partition_producers (topic_no, partition, snapshot)"
    " SELECT * FROM unnest($1, $2, $3) ON CONFLICT DO NOTHING";
constexpr std::string_view kSession =
    "INSERT INTO sh_sessions (session, agent_id, state, trimmed_to, opened_at)"
    " VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING";
constexpr std::string_view kTrimmedTo = "SELECT trimmed_to FROM sh_sessions WHERE session = $1";
constexpr std::string_view kTotals =
    "SELECT total_objects, total_bytes FROM sh_commits WHERE session = $1 AND seq = $2";
constexpr std::string_view kLogRows =
    "INSERT INTO sh_commits (session, seq, kind, crc, object_size, created_at, payload,"
    " total_objects, total_bytes) SELECT * FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9)"
    " ON CONFLICT DO NOTHING";
constexpr std::string_view kCheckpoint =
    "INSERT INTO sh_checkpoints (session, upto_seq, payload) VALUES ($1, $2, $3)"
    " ON CONFLICT DO NOTHING";
constexpr std::string_view kObjects =
    "INSERT INTO sh_objects (object_key, session, level, size, segment_count, state, dead_at)"
    " SELECT * FROM unnest($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING"
    " RETURNING level, state, size";
constexpr std::string_view kSegments =
    "INSERT INTO sh_segments (topic_no, partition, next_offset, base_offset, object_key, position,"
    " length, object_size, record_count, max_timestamp, leader_epoch, created_at)"
    " SELECT * FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)"
    " ON CONFLICT DO NOTHING";
constexpr std::string_view kGroup =
    "INSERT INTO sh_groups (group_id, commit_no, generation, protocol_type, state, members,"
    " created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING";
constexpr std::string_view kOffsets =
    "INSERT INTO sh_offsets (group_id, topic_no, partition, committed_offset, leader_epoch,"
    " metadata, committed_at, expires_at)"
    " SELECT o.group_id, o.topic_no, o.partition, o.committed_offset, o.leader_epoch, o.metadata,"
    " o.committed_at, CASE WHEN o.expires = 1 THEN o.expires_at END"
    " FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9) AS o (group_id, topic_no, partition,"
    " committed_offset, leader_epoch, metadata, committed_at, expires, expires_at)"
    " ON CONFLICT DO NOTHING";
constexpr std::string_view kFloor =
    "INSERT INTO sh_group_floors (topic_no, partition, leader_epoch, commit_no)"
    " VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING";
constexpr std::string_view kSetting =
    "INSERT INTO sh_settings (key, value, version) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING";

template <class Stored>
using RowsOf = std::vector<const Stored*>;

/// The rows of one kind.
template <class Stored>
RowsOf<Stored> only(const std::vector<ArchiveRow>& rows) {
  RowsOf<Stored> found;
  for (const ArchiveRow& row : rows)
    if (const auto* const stored = std::get_if<Stored>(&row)) found.push_back(stored);
  return found;
}

/// One value of each row, for unnest.
template <class Stored, class Get>
auto column(const RowsOf<Stored>& rows, Get get) {
  std::vector<std::decay_t<std::invoke_result_t<Get&, const Stored&>>> values;
  values.reserve(rows.size());
  for (const Stored* const row : rows) values.push_back(get(*row));
  return values;
}

/// A column of a member, and of a member of a member.
template <class Stored, class Member>
auto column(const RowsOf<Stored>& rows, Member Stored::* member) {
  return column(rows, [member](const Stored& row) { return row.*member; });
}
template <class Stored, class Part, class Member>
auto column(const RowsOf<Stored>& rows, Part Stored::* part, Member Part::* member) {
  return column(rows, [part, member](const Stored& row) { return row.*part.*member; });
}

template <class Stored>
KeyColumns key_columns(const RowsOf<Stored>& rows) {
  return {.topics = column(rows, [](const Stored& row) { return row.key.topic; }),
          .partitions = column(rows, [](const Stored& row) { return row.key.partition; })};
}

Status insert(Connection& db, const RowsOf<Topic>& rows) {
  for (const Topic* const row : rows) {
    SH_TRY(const std::string config, to_json(row->config));
    SH_TRY_OK(db.execute(kTopic, row->no, row->id, row->name, row->partition_count,
                         row->retention_ms, config, row->version, row->state, row->kind,
                         row->created_ms, row->updated_ms));
  }
  return {};
}

Status insert(Connection& db, const RowsOf<Partition>& rows) {
  const KeyColumns keys = key_columns(rows);
  SH_TRY_OK(db.execute(
      kPartitions, keys.topics, keys.partitions, column(rows, &Partition::epoch),
      column(rows, &Partition::owner), column(rows, &Partition::since_seq),
      column(rows, &Partition::log_start), column(rows, &Partition::high_watermark),
      column(rows, &Partition::visible_high_watermark), column(rows, &Partition::created_ms),
      column(rows, &Partition::updated_ms), column(rows, &Partition::acquired_ms)));
  RowsOf<Partition> with_producers = rows;
  std::erase_if(with_producers, [](const Partition* row) { return row->producers.empty(); });
  if (with_producers.empty()) return {};
  const KeyColumns producing = key_columns(with_producers);
  SH_TRY_OK(db.execute(kProducers, producing.topics, producing.partitions,
                       column(with_producers, &Partition::producers)));
  return {};
}

Status insert(Connection& db, const RowsOf<Session>& rows) {
  for (const Session* const row : rows)
    SH_TRY_OK(
        db.execute(kSession, row->id, row->agent_id, row->state, row->trimmed_to, row->opened_ms));
  return {};
}

/// Counts the commits of logs and their bytes, row after row. Void rows count for nobody.
class LogTotals {
 public:
  explicit LogTotals(Connection& db) : db_(db) {}

  Status add(const SessionLogRow& stored) {
    if (stored.session != session_) SH_TRY_OK(go_to(stored));
    const bool counts = stored.row.seq > trimmed_to_;
    if (counts && stored.row.kind == RowKind::kCommit) ++total_.objects;
    if (counts) total_.bytes += stored.row.object_size;
    objects.push_back(total_.objects);
    bytes.push_back(total_.bytes);
    return {};
  }

  std::vector<std::uint64_t> objects;
  std::vector<std::uint64_t> bytes;

 private:
  struct Total {
    std::uint64_t objects = 0;
    std::uint64_t bytes = 0;
  };
  static Total read_total(Row row) {
    return {row.get<std::uint64_t>(0), row.get<std::uint64_t>(1)};
  }

  /// What an earlier batch has counted of the log.
  Status go_to(const SessionLogRow& first) {
    session_ = first.session;
    SH_TRY(const auto trimmed, db_.value<Seq>(kTrimmedTo, session_));
    if (!trimmed) return make_error(Errc::kCorrupt, "a log row comes before its session");
    trimmed_to_ = *trimmed;
    SH_TRY(const auto before, db_.first(kTotals, read_total, session_, first.row.seq - 1));
    total_ = before.value_or(Total());
    return {};
  }

  Connection& db_;
  SessionId session_ = model::kNoSession;
  Seq trimmed_to_ = {};
  Total total_;
};

Status insert(Connection& db, const RowsOf<SessionLogRow>& rows) {
  LogTotals totals(db);
  for (const SessionLogRow* const row : rows) SH_TRY_OK(totals.add(*row));
  const auto letter = [](const SessionLogRow& row) { return kind_letter(row.row.kind); };
  SH_TRY_OK(db.execute(kLogRows, column(rows, &SessionLogRow::session),
                       column(rows, &SessionLogRow::row, &LogRow::seq), column(rows, letter),
                       column(rows, &SessionLogRow::row, &LogRow::crc),
                       column(rows, &SessionLogRow::row, &LogRow::object_size),
                       column(rows, &SessionLogRow::row, &LogRow::created_ms),
                       column(rows, &SessionLogRow::row, &LogRow::payload), totals.objects,
                       totals.bytes));
  return {};
}

Status insert(Connection& db, const RowsOf<SessionCheckpoint>& rows) {
  for (const SessionCheckpoint* const row : rows)
    SH_TRY_OK(db.execute(kCheckpoint, row->session, row->upto_seq, row->partitions));
  return {};
}

Status insert(Connection& db, const RowsOf<StoredObject>& rows) {
  ObjectCounts counts;
  const auto count = [&counts](Row row) {
    counts.add(row.get<int>(0), row.get<ObjectState>(1), row.get<std::uint64_t>(2));
    return true;
  };
  SH_TRY_OK(db.all(kObjects, count, column(rows, &StoredObject::row, &ObjectRow::key),
                   column(rows, &StoredObject::session),
                   column(rows, &StoredObject::row, &ObjectRow::level),
                   column(rows, &StoredObject::row, &ObjectRow::size),
                   column(rows, &StoredObject::segment_count),
                   column(rows, &StoredObject::row, &ObjectRow::state),
                   column(rows, &StoredObject::row, &ObjectRow::dead_ms)));
  return counts.store(db);
}

Status insert(Connection& db, const RowsOf<Segment>& rows) {
  const KeyColumns keys = key_columns(rows);
  constexpr auto kAt = &Segment::location;
  const auto base = [](const Segment& row) { return row.location.offsets.base; };
  const auto next = [](const Segment& row) { return row.location.offsets.next; };
  SH_TRY_OK(db.execute(
      kSegments, keys.topics, keys.partitions, column(rows, next), column(rows, base),
      column(rows, kAt, &SpanLocation::object_key), column(rows, kAt, &SpanLocation::position),
      column(rows, kAt, &SpanLocation::length), column(rows, kAt, &SpanLocation::object_size),
      column(rows, &Segment::record_count), column(rows, kAt, &SpanLocation::max_timestamp),
      column(rows, kAt, &SpanLocation::epoch), column(rows, kAt, &SpanLocation::created_ms)));
  return {};
}

Status insert(Connection& db, const RowsOf<Group>& rows) {
  for (const Group* const row : rows)
    SH_TRY_OK(db.execute(kGroup, row->group_id, row->commit_no, row->generation, row->protocol_type,
                         row->state, row->members, row->created_ms, row->updated_ms));
  return {};
}

Status insert(Connection& db, const RowsOf<StoredOffset>& rows) {
  constexpr auto kAt = &StoredOffset::offset;
  const auto topic = [](const StoredOffset& row) { return row.offset.key.topic; };
  const auto partition = [](const StoredOffset& row) { return row.offset.key.partition; };
  const auto metadata = [](const StoredOffset& row) { return to_stored_text(row.offset.metadata); };
  const auto expires = [](const StoredOffset& row) { return row.offset.expires_ms ? 1 : 0; };
  const auto expires_at = [](const StoredOffset& row) { return row.offset.expires_ms.value_or(0); };
  SH_TRY_OK(db.execute(kOffsets, column(rows, &StoredOffset::group_id), column(rows, topic),
                       column(rows, partition), column(rows, kAt, &CommittedOffset::offset),
                       column(rows, kAt, &CommittedOffset::leader_epoch), column(rows, metadata),
                       column(rows, kAt, &CommittedOffset::committed_ms), column(rows, expires),
                       column(rows, expires_at)));
  return {};
}

Status insert(Connection& db, const RowsOf<StoredGroupFloor>& rows) {
  for (const StoredGroupFloor* const row : rows)
    SH_TRY_OK(
        db.execute(kFloor, row->shard.topic, row->shard.partition, row->epoch, row->commit_no));
  return {};
}

Status insert(Connection& db, const RowsOf<Setting>& rows) {
  for (const Setting* const row : rows)
    SH_TRY_OK(db.execute(kSetting, row->key, row->value, row->version));
  return {};
}

template <class Stored>
Status insert_only(Connection& db, const std::vector<ArchiveRow>& rows) {
  const RowsOf<Stored> found = only<Stored>(rows);
  if (found.empty()) return {};
  return insert(db, found);
}

Status insert_all(Connection& db, const std::vector<ArchiveRow>& rows) {
  SH_TRY_OK(insert_only<Topic>(db, rows));
  SH_TRY_OK(insert_only<Partition>(db, rows));
  SH_TRY_OK(insert_only<Session>(db, rows));
  SH_TRY_OK(insert_only<SessionLogRow>(db, rows));
  SH_TRY_OK(insert_only<SessionCheckpoint>(db, rows));
  SH_TRY_OK(insert_only<StoredObject>(db, rows));
  SH_TRY_OK(insert_only<Segment>(db, rows));
  SH_TRY_OK(insert_only<Group>(db, rows));
  SH_TRY_OK(insert_only<StoredOffset>(db, rows));
  SH_TRY_OK(insert_only<StoredGroupFloor>(db, rows));
  return insert_only<Setting>(db, rows);
}

}  // namespace

Status PostgresMetadata::begin_import(const ClusterRow& row, const std::string& archive) {
  return db().transaction([&]() -> Status {
    SH_TRY_OK(db().value<std::int64_t>(kLockFeed));
    SH_TRY(const auto mark, db().value<base::Bytes>(kMark, kImportMark));
    if (mark) return check_import_mark(*mark, archive);
    SH_TRY(const auto used, db().value<int>(kIsUsed));
    if (used) return target_not_empty();
    SH_TRY_OK(db().execute(kSetCluster, row.cluster.cluster_id, row.cluster.created_ms));
    SH_TRY_OK(db().execute(kSetCounter, "topic_no", row.topic_no_latest));
    SH_TRY_OK(db().execute(kSetCounter, "producer_id", row.producer_id_next));
    SH_TRY_OK(db().execute(kSetMark, kImportMark, base::as_bytes(archive)));
    return {};
  });
}

Status PostgresMetadata::insert_rows(const std::vector<ArchiveRow>& rows) {
  return db().transaction([&]() -> Status {
    SH_TRY(const auto mark, db().value<base::Bytes>(kMark, kImportMark));
    if (!mark) return import_not_begun();
    const bool has_cluster =
        std::ranges::any_of(rows, [](const auto& row) { return row.index() == 0; });
    if (has_cluster) return make_error(Errc::kInvalid, "the cluster is set by begin_import");
    return insert_all(db(), rows);
  });
}

}  // namespace streamhouse::metadata
