// Inserting rows into an empty database.
#include "metadata/rules/import_rules.h"
#include "metadata/sql/rows.h"
#include "metadata/sqlite/sqlite_metadata.h"

namespace streamhouse::metadata {

using base::Errc;
using base::make_error;
using namespace sqlite;

namespace {

constexpr std::string_view kMark = "SELECT value FROM sh_settings WHERE key = ?1";
constexpr std::string_view kSetMark =
    "INSERT INTO sh_settings (key, value, version) VALUES (?1, ?2, 1)";
constexpr std::string_view kIsUsed =
    "SELECT 1 WHERE EXISTS (SELECT 1 FROM sh_sessions) OR EXISTS (SELECT 1 FROM sh_topics)"
    " OR EXISTS (SELECT 1 FROM sh_settings)"
    " OR EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = 'sh_topics' AND seq > 0)"
    " OR EXISTS (SELECT 1 FROM sh_cluster WHERE key = 'next_producer_id' AND value > 0)";
constexpr std::string_view kSetCluster =
    "INSERT OR REPLACE INTO sh_cluster (key, value) VALUES (?1, ?2)";
constexpr std::string_view kSetTopicNo =
    "INSERT INTO sqlite_sequence (name, seq) VALUES ('sh_topics', ?1)";

constexpr std::string_view kTopic =
    "INSERT INTO sh_topics (topic_no, topic_id, name, partition_count, retention_ms, config,"
    " version, state, kind, created_at, updated_at)"
    " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11) ON CONFLICT DO NOTHING";
constexpr std::string_view kPartition =
    "INSERT INTO sh_partitions (topic_no, partition, leader_epoch, owner_session, since_seq,"
    " log_start, high_watermark, visible_high_watermark, created_at, updated_at, acquired_at)"
    " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11) ON CONFLICT DO NOTHING";
constexpr std::string_view kProducers =
    "INSERT INTO sh_partition_producers (topic_no, partition, snapshot) VALUES (?1, ?2, ?3)"
    " ON CONFLICT DO NOTHING";
constexpr std::string_view kSession =
    "INSERT INTO sh_sessions (session, agent_id, state, trimmed_to, opened_at)"
    " VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT DO NOTHING";
/// Totals go on from the row before; void rows have none, as they count for nobody.
constexpr std::string_view kLogRow =
    "INSERT INTO sh_commits (session, seq, kind, crc, object_size, created_at, payload,"
    " total_objects, total_bytes)"
    " SELECT s.session, ?2, ?3, ?4, ?5, ?6, ?7,"
    " iif(?2 > s.trimmed_to, ifnull(b.total_objects, 0) + (?3 = 'C'), 0),"
    " iif(?2 > s.trimmed_to, ifnull(b.total_bytes, 0) + ?5, 0)"
    " FROM sh_sessions s LEFT JOIN sh_commits b ON b.session = s.session AND b.seq = ?2 - 1"
    " WHERE s.session = ?1 ON CONFLICT DO NOTHING";
constexpr std::string_view kCheckpoint =
    "INSERT INTO sh_checkpoints (session, upto_seq, payload) VALUES (?1, ?2, ?3)"
    " ON CONFLICT DO NOTHING";
constexpr std::string_view kObject =
    "INSERT INTO sh_objects (object_key, session, level, size, segment_count, state, dead_at)"
    " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT DO NOTHING";
constexpr std::string_view kSegment =
    "INSERT INTO sh_segments (topic_no, partition, next_offset, base_offset, object_key, position,"
    " length, object_size, record_count, max_timestamp, leader_epoch, created_at)"
    " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12) ON CONFLICT DO NOTHING";
constexpr std::string_view kGroup =
    "INSERT INTO sh_groups (group_id, commit_no, generation, protocol_type, state, members,"
    " created_at, updated_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT DO NOTHING";
constexpr std::string_view kOffset =
    "INSERT INTO sh_offsets (group_id, topic_no, partition, committed_offset, leader_epoch,"
    " metadata, committed_at, expires_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)"
    " ON CONFLICT DO NOTHING";
constexpr std::string_view kFloor =
    "INSERT INTO sh_group_floors (topic_no, partition, leader_epoch, commit_no)"
    " VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING";
constexpr std::string_view kSetting =
    "INSERT INTO sh_settings (key, value, version) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING";

class Insert {
 public:
  explicit Insert(Connection& db) : db_(db) {}

  Status operator()(const ClusterRow&) {
    return make_error(Errc::kInvalid, "the cluster is set by begin_import");
  }
  Status operator()(const Topic& row) {
    SH_TRY(const std::string config, to_json(row.config));
    return run(kTopic, row.no, row.id, row.name, row.partition_count, row.retention_ms, config,
               row.version, row.state, row.kind, row.created_ms, row.updated_ms);
  }
  Status operator()(const Partition& row) {
    SH_TRY_OK(run(kPartition, row.key.topic, row.key.partition, row.epoch, row.owner, row.since_seq,
                  row.log_start, row.high_watermark, row.visible_high_watermark, row.created_ms,
                  row.updated_ms, row.acquired_ms));
    if (row.producers.empty()) return {};
    return run(kProducers, row.key.topic, row.key.partition, row.producers);
  }
  Status operator()(const Session& row) {
    return run(kSession, row.id, row.agent_id, row.state, row.trimmed_to, row.opened_ms);
  }
  Status operator()(const SessionLogRow& stored) {
    const LogRow& row = stored.row;
    return run(kLogRow, stored.session, row.seq, kind_letter(row.kind), row.crc, row.object_size,
               row.created_ms, row.payload);
  }
  Status operator()(const SessionCheckpoint& row) {
    return run(kCheckpoint, row.session, row.upto_seq, row.partitions);
  }
  Status operator()(const StoredObject& stored) {
    const ObjectRow& row = stored.row;
    return run(kObject, row.key, stored.session, row.level, row.size, stored.segment_count,
               row.state, row.dead_ms);
  }
  Status operator()(const Segment& row) {
    const SpanLocation& at = row.location;
    return run(kSegment, row.key.topic, row.key.partition, at.offsets.next, at.offsets.base,
               at.object_key, at.position, at.length, at.object_size, row.record_count,
               at.max_timestamp, at.epoch, at.created_ms);
  }
  Status operator()(const Group& row) {
    return run(kGroup, row.group_id, row.commit_no, row.generation, row.protocol_type, row.state,
               row.members, row.created_ms, row.updated_ms);
  }
  Status operator()(const StoredOffset& stored) {
    const CommittedOffset& row = stored.offset;
    return run(kOffset, stored.group_id, row.key.topic, row.key.partition, row.offset,
               row.leader_epoch, row.metadata, row.committed_ms, row.expires_ms);
  }
  Status operator()(const StoredGroupFloor& row) {
    return run(kFloor, row.shard.topic, row.shard.partition, row.epoch, row.commit_no);
  }
  Status operator()(const Setting& row) { return run(kSetting, row.key, row.value, row.version); }

 private:
  template <class... Values>
  Status run(std::string_view sql, const Values&... values) {
    SH_TRY_OK(db_.execute(sql, values...));
    return {};
  }

  Connection& db_;
};

}  // namespace

Status SqliteMetadata::begin_import(const ClusterRow& row, const std::string& archive) {
  return db().transaction([&]() -> Status {
    SH_TRY(const auto mark, db().value<base::Bytes>(kMark, kImportMark));
    if (mark) return check_import_mark(*mark, archive);
    SH_TRY(const auto used, db().value<int>(kIsUsed));
    if (used) return target_not_empty();
    SH_TRY_OK(db().execute(kSetCluster, "cluster_id", row.cluster.cluster_id));
    SH_TRY_OK(db().execute(kSetCluster, "created_at", row.cluster.created_ms));
    SH_TRY_OK(db().execute(kSetCluster, "next_producer_id", row.producer_id_next));
    SH_TRY_OK(db().execute(kSetTopicNo, row.topic_no_latest));
    SH_TRY_OK(db().execute(kSetMark, kImportMark, base::as_bytes(archive)));
    return {};
  });
}

Status SqliteMetadata::insert_rows(const std::vector<ArchiveRow>& rows) {
  return db().transaction([&]() -> Status {
    SH_TRY(const auto mark, db().value<base::Bytes>(kMark, kImportMark));
    if (!mark) return import_not_begun();
    Insert insert(db());
    for (const ArchiveRow& row : rows) SH_TRY_OK(std::visit(insert, row));
    return {};
  });
}

}  // namespace streamhouse::metadata
