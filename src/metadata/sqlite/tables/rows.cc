#include "metadata/sqlite/tables/rows.h"

#include "metadata/sqlite/tables/texts_json.h"

namespace streamhouse::metadata::sqlite {
namespace {

// The database keeps enumerators as these numbers.
static_assert(static_cast<int>(TopicState::kLive) == 0 &&
              static_cast<int>(TopicState::kDeleting) == 1);
static_assert(static_cast<int>(TopicKind::kUser) == 0 &&
              static_cast<int>(TopicKind::kInternal) == 1);
static_assert(static_cast<int>(SessionState::kLive) == 0 &&
              static_cast<int>(SessionState::kFencing) == 1 &&
              static_cast<int>(SessionState::kRecovered) == 2);
static_assert(static_cast<int>(ObjectState::kLive) == 0 &&
              static_cast<int>(ObjectState::kDead) == 1);
static_assert(static_cast<int>(ChangeKind::kTopic) == 0 &&
              static_cast<int>(ChangeKind::kLease) == 1 &&
              static_cast<int>(ChangeKind::kGroup) == 2 &&
              static_cast<int>(ChangeKind::kAgent) == 3);

}  // namespace

Result<Topic> read_topic(Row row) {
  Topic topic;
  row.read_from(0, topic.no, topic.id, topic.name, topic.partition_count, topic.retention_ms);
  SH_TRY(topic.config, from_json(row.text(5)));
  row.read_from(6, topic.version, topic.state, topic.kind, topic.created_ms, topic.updated_ms);
  return topic;
}

Partition read_partition(Row row) {
  Partition partition;
  row.read_from(0, partition.key.topic, partition.key.partition, partition.epoch, partition.owner,
                partition.since_seq, partition.log_start, partition.high_watermark,
                partition.visible_high_watermark, partition.producers, partition.created_ms,
                partition.updated_ms, partition.acquired_ms);
  return partition;
}

Session read_session(Row row) {
  Session session;
  row.read_from(0, session.id, session.agent_id, session.state, session.trimmed_to,
                session.opened_ms);
  return session;
}

std::string_view kind_letter(RowKind kind) {
  switch (kind) {
    case RowKind::kOpen:
      return "O";
    case RowKind::kCommit:
      return "C";
    case RowKind::kRelease:
      return "R";
    case RowKind::kSeal:
      return "S";
  }
  return "";
}

RowKind kind_of_letter(std::string_view letter) {
  if (letter == "C") return RowKind::kCommit;
  if (letter == "R") return RowKind::kRelease;
  return letter == "S" ? RowKind::kSeal : RowKind::kOpen;
}

LogRow read_log_row(Row row) {
  LogRow entry;
  entry.kind = kind_of_letter(row.text(1));
  row.read_from(0, entry.seq);
  row.read_from(2, entry.crc, entry.object_size, entry.payload, entry.created_ms);
  return entry;
}

ObjectRow read_object(Row row) {
  ObjectRow object;
  row.read_from(0, object.key, object.level, object.size, object.state, object.dead_ms);
  return object;
}

SpanLocation read_segment(Row row) {
  SpanLocation segment;
  row.read_from(0, segment.offsets.base, segment.offsets.next, segment.object_key, segment.position,
                segment.length, segment.object_size, segment.max_timestamp, segment.epoch,
                segment.created_ms);
  return segment;
}

Result<Agent> read_agent(Row row) {
  Agent agent;
  row.read_from(0, agent.info.agent_id, agent.info.address, agent.info.zone, agent.info.group);
  SH_TRY(agent.info.metadata, from_json(row.text(4)));
  row.read_from(5, agent.session, agent.last_heartbeat_ms, agent.started_ms, agent.expires_ms);
  return agent;
}

Group read_group(Row row) {
  Group group;
  row.read_from(0, group.group_id, group.commit_no, group.generation, group.protocol_type,
                group.state, group.members, group.created_ms, group.updated_ms);
  return group;
}

CommittedOffset read_offset(Row row) {
  CommittedOffset offset;
  row.read_from(0, offset.key.topic, offset.key.partition, offset.offset, offset.leader_epoch,
                offset.metadata, offset.committed_ms, offset.expires_ms);
  return offset;
}

}  // namespace streamhouse::metadata::sqlite
