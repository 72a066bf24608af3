#pragma once
/// \file  Rows of the SQL tables as the interface's types: which columns are selected, and how they
/// are read. `Row` is a dialect's row, with get<T>(column), read_from(first, targets...),
/// text(), and any_text() for what may have zero bytes.

#include "metadata/metadata_store.h"
#include "metadata/sql/log_letters.h"
#include "metadata/sql/sql_text.h"
#include "metadata/sql/texts_json.h"

namespace streamhouse::metadata {

/// Of sh_topics.
inline constexpr char kTopicColumns[] =
    "topic_no, topic_id, name, partition_count, retention_ms, CAST(config AS TEXT), version, state,"
    " kind, created_at, updated_at";
template <class Row>
Result<Topic> read_topic(Row row) {
  Topic topic;
  row.read_from(0, topic.no, topic.id, topic.name, topic.partition_count, topic.retention_ms);
  SH_TRY(topic.config, from_json(row.text(5)));
  row.read_from(6, topic.version, topic.state, topic.kind, topic.created_ms, topic.updated_ms);
  return topic;
}

/// Of partition rows `p`, with their producers.
inline constexpr char kPartitionColumns[] =
    "p.topic_no, p.partition, p.leader_epoch, p.owner_session, p.since_seq, p.log_start,"
    " p.high_watermark, p.visible_high_watermark, r.snapshot, p.created_at, p.updated_at,"
    " p.acquired_at";
inline constexpr char kFromPartitions[] =
    " FROM sh_partitions p LEFT JOIN sh_partition_producers r"
    " ON r.topic_no = p.topic_no AND r.partition = p.partition ";
/// A `WHERE` follows.
inline constexpr auto kSelectPartitions = sql_text("SELECT ", kPartitionColumns, kFromPartitions);
template <class Row>
Partition read_partition(Row row) {
  Partition partition;
  row.read_from(0, partition.key.topic, partition.key.partition, partition.epoch, partition.owner,
                partition.since_seq, partition.log_start, partition.high_watermark,
                partition.visible_high_watermark, partition.producers, partition.created_ms,
                partition.updated_ms, partition.acquired_ms);
  return partition;
}

/// Of sh_sessions.
inline constexpr char kSessionColumns[] = "session, agent_id, state, trimmed_to, opened_at";
template <class Row>
Session read_session(Row row) {
  Session session;
  row.read_from(0, session.id, session.agent_id, session.state, session.trimmed_to,
                session.opened_ms);
  return session;
}

/// Of sh_commits.
inline constexpr char kLogColumns[] = "seq, kind, crc, object_size, payload, created_at";
template <class Row>
LogRow read_log_row(Row row) {
  LogRow entry;
  entry.kind = kind_of_letter(row.text(1));
  row.read_from(0, entry.seq);
  row.read_from(2, entry.crc, entry.object_size, entry.payload, entry.created_ms);
  return entry;
}

/// Of sh_checkpoints.
inline constexpr char kCheckpointColumns[] = "upto_seq, payload";
template <class Row>
Result<CheckpointRow> read_checkpoint(SessionId session, Row row) {
  auto partitions = segment::decode_checkpoint(row.blob(1));
  if (!partitions)
    return {base::Errc::kCorrupt,
            "checkpoint of session " + to_string(session) + ": " + partitions.error().text};
  return CheckpointRow{row.template get<Seq>(0), *std::move(partitions)};
}

/// Of sh_objects.
inline constexpr char kObjectColumns[] = "object_key, level, size, state, dead_at";
template <class Row>
ObjectRow read_object(Row row) {
  ObjectRow object;
  row.read_from(0, object.key, object.level, object.size, object.state, object.dead_ms);
  return object;
}

/// Of sh_object_counts.
inline constexpr char kCountColumns[] = "level, state, objects, bytes";
template <class Row>
ObjectCount read_object_count(Row row) {
  ObjectCount count;
  row.read_from(0, count.level, count.state, count.objects, count.bytes);
  return count;
}

/// Of sh_segments.
inline constexpr char kSegmentColumns[] =
    "base_offset, next_offset, object_key, position, length, object_size, max_timestamp,"
    " leader_epoch, created_at";
template <class Row>
SpanLocation read_segment(Row row) {
  SpanLocation segment;
  row.read_from(0, segment.offsets.base, segment.offsets.next, segment.object_key, segment.position,
                segment.length, segment.object_size, segment.max_timestamp, segment.epoch,
                segment.created_ms);
  return segment;
}

/// Of sh_agents.
inline constexpr char kAgentColumns[] =
    "agent_id, address, zone, agent_group, CAST(metadata AS TEXT), session, last_heartbeat,"
    " started_at, expires_at";
template <class Row>
Result<Agent> read_agent(Row row) {
  Agent agent;
  row.read_from(0, agent.info.agent_id, agent.info.address, agent.info.zone, agent.info.group);
  SH_TRY(agent.info.metadata, from_json(row.text(4)));
  row.read_from(5, agent.session, agent.last_heartbeat_ms, agent.started_ms, agent.expires_ms);
  return agent;
}

/// A live session of an agent id, and the address of the heartbeat row if that names it.
struct LiveSession {
  SessionId id = {};
  std::optional<std::string> address = {};
};
template <class Row>
LiveSession read_live_session(Row row) {
  LiveSession session;
  row.read_from(0, session.id, session.address);
  return session;
}

/// `SELECT` of the leases of partition rows `p` that have an owner; a `WHERE` may follow.
inline constexpr char kSelectLeases[] =
    "SELECT p.topic_no, p.partition, p.owner_session, s.agent_id, coalesce(a.address, ''),"
    " p.leader_epoch, coalesce(a.expires_at, 0), p.acquired_at FROM sh_partitions p"
    " JOIN sh_sessions s ON s.session = p.owner_session"
    " LEFT JOIN sh_agents a ON a.agent_id = s.agent_id AND a.session = p.owner_session ";
template <class Row>
Lease read_lease(Row row) {
  Lease lease;
  row.read_from(0, lease.key.topic, lease.key.partition, lease.session, lease.agent_id,
                lease.address, lease.epoch, lease.expires_ms, lease.acquired_ms);
  return lease;
}

/// Of sh_groups.
inline constexpr char kGroupColumns[] =
    "group_id, commit_no, generation, protocol_type, state, members, created_at, updated_at";
template <class Row>
Group read_group(Row row) {
  Group group;
  row.read_from(0, group.group_id, group.commit_no, group.generation, group.protocol_type,
                group.state, group.members, group.created_ms, group.updated_ms);
  return group;
}

/// Of sh_offsets.
inline constexpr char kOffsetColumns[] =
    "topic_no, partition, committed_offset, leader_epoch, metadata, committed_at, expires_at";
template <class Row>
CommittedOffset read_offset(Row row) {
  CommittedOffset offset;
  row.read_from(0, offset.key.topic, offset.key.partition, offset.offset, offset.leader_epoch);
  offset.metadata = row.any_text(4);
  row.read_from(5, offset.committed_ms, offset.expires_ms);
  return offset;
}

/// Of sh_changes.
template <class Row>
Change read_change(Row row) {
  Change change;
  row.read_from(0, change.version, change.kind, change.key);
  return change;
}

/// Of sh_settings.
template <class Row>
Setting read_setting(Row row) {
  Setting setting;
  row.read_from(0, setting.key, setting.value, setting.version);
  return setting;
}

// Rows as an archive has them: with the whole of their keys.

inline constexpr char kSelectLogRows[] =
    "SELECT seq, kind, crc, object_size, payload, created_at, session FROM sh_commits ";
template <class Row>
SessionLogRow read_session_log_row(Row row) {
  return {.session = row.template get<SessionId>(6), .row = read_log_row(row)};
}

inline constexpr char kSelectCheckpoints[] =
    "SELECT session, upto_seq, payload FROM sh_checkpoints ";
template <class Row>
SessionCheckpoint read_session_checkpoint(Row row) {
  SessionCheckpoint checkpoint;
  row.read_from(0, checkpoint.session, checkpoint.upto_seq, checkpoint.partitions);
  return checkpoint;
}

inline constexpr char kSelectObjects[] =
    "SELECT object_key, level, size, state, dead_at, session, segment_count FROM sh_objects ";
template <class Row>
StoredObject read_stored_object(Row row) {
  StoredObject object{.row = read_object(row)};
  row.read_from(5, object.session, object.segment_count);
  return object;
}

inline constexpr char kSelectSegments[] =
    "SELECT base_offset, next_offset, object_key, position, length, object_size, max_timestamp,"
    " leader_epoch, created_at, topic_no, partition, record_count FROM sh_segments ";
template <class Row>
Segment read_stored_segment(Row row) {
  Segment segment{.key = {}, .location = read_segment(row)};
  row.read_from(9, segment.key.topic, segment.key.partition, segment.record_count);
  return segment;
}

inline constexpr char kSelectOffsets[] =
    "SELECT topic_no, partition, committed_offset, leader_epoch, metadata, committed_at,"
    " expires_at, group_id FROM sh_offsets ";
template <class Row>
StoredOffset read_stored_offset(Row row) {
  return {.group_id = row.template get<std::string>(7), .offset = read_offset(row)};
}

inline constexpr char kSelectFloors[] =
    "SELECT topic_no, partition, leader_epoch, commit_no FROM sh_group_floors ";
template <class Row>
StoredGroupFloor read_group_floor(Row row) {
  StoredGroupFloor floor;
  row.read_from(0, floor.shard.topic, floor.shard.partition, floor.epoch, floor.commit_no);
  return floor;
}

}  // namespace streamhouse::metadata
