#pragma once
/// \file  Rows of the tables as the interface's types: which columns are selected, and how they are
/// read.

#include "metadata/metadata_store.h"
#include "metadata/sqlite/driver/connection.h"
#include "metadata/sqlite/driver/sql_text.h"

namespace streamhouse::metadata::sqlite {

/// Of sh_topics.
inline constexpr char kTopicColumns[] =
    "topic_no, topic_id, name, partition_count, retention_ms, config, version, state, kind,"
    " created_at, updated_at";
Result<Topic> read_topic(Row row);

/// `SELECT` of partition rows `p`, with their producers; a `WHERE` follows.
inline constexpr char kSelectPartitions[] =
    "SELECT p.topic_no, p.partition, p.leader_epoch, p.owner_session, p.since_seq, p.log_start,"
    " p.high_watermark, p.visible_high_watermark, r.snapshot, p.created_at, p.updated_at,"
    " p.acquired_at FROM sh_partitions p LEFT JOIN sh_partition_producers r"
    " ON r.topic_no = p.topic_no AND r.partition = p.partition ";
Partition read_partition(Row row);

/// Of sh_sessions.
inline constexpr char kSessionColumns[] = "session, agent_id, state, trimmed_to, opened_at";
Session read_session(Row row);

/// Of sh_commits.
inline constexpr char kLogColumns[] = "seq, kind, crc, object_size, payload, created_at";
LogRow read_log_row(Row row);
/// The letter of sh_commits.kind.
std::string_view kind_letter(RowKind kind);
RowKind kind_of_letter(std::string_view letter);

/// Of sh_objects.
inline constexpr char kObjectColumns[] = "object_key, level, size, state, dead_at";
ObjectRow read_object(Row row);

/// Of sh_segments.
inline constexpr char kSegmentColumns[] =
    "base_offset, next_offset, object_key, position, length, object_size, max_timestamp,"
    " leader_epoch, created_at";
SpanLocation read_segment(Row row);

/// Of sh_agents.
inline constexpr char kAgentColumns[] =
    "agent_id, address, zone, agent_group, metadata, session, last_heartbeat, started_at,"
    " expires_at";
Result<Agent> read_agent(Row row);

/// Of sh_groups.
inline constexpr char kGroupColumns[] =
    "group_id, commit_no, generation, protocol_type, state, members, created_at, updated_at";
Group read_group(Row row);

/// Of sh_offsets.
inline constexpr char kOffsetColumns[] =
    "topic_no, partition, committed_offset, leader_epoch, metadata, committed_at, expires_at";
CommittedOffset read_offset(Row row);

}  // namespace streamhouse::metadata::sqlite
