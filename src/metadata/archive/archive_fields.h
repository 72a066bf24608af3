#pragma once
/// \file  The fields of each row of an archive, in the order of their bytes: one list for the
/// writer and the reader. docs/formats/metadata_archive.md has the same list.

#include "metadata/archive.h"

namespace streamhouse::metadata {

// `io(name, value)` writes or reads a value; `row` is const for a writer, the last argument its
// type.
template <class Io>
void each_field(Io& io, auto& row, const ClusterRow&) {
  io("cluster id", row.cluster.cluster_id);
  io("created", row.cluster.created_ms);
  io("newest topic number", row.topic_no_latest);
  io("next producer id", row.producer_id_next);
}
template <class Io>
void each_field(Io& io, auto& row, const Topic&) {
  io("topic number", row.no);
  io("topic id", row.id);
  io("name", row.name);
  io("partition count", row.partition_count);
  io("retention", row.retention_ms);
  io("config", row.config);
  io("version", row.version);
  io("state", row.state);
  io("kind", row.kind);
  io("created", row.created_ms);
  io("updated", row.updated_ms);
}
template <class Io>
void each_field(Io& io, auto& row, const Partition&) {
  io("partition", row.key);
  io("leader epoch", row.epoch);
  io("owner", row.owner);
  io("since seq", row.since_seq);
  io("log start", row.log_start);
  io("high watermark", row.high_watermark);
  io("visible high watermark", row.visible_high_watermark);
  io("producers", row.producers);
  io("created", row.created_ms);
  io("updated", row.updated_ms);
  io("acquired", row.acquired_ms);
}
template <class Io>
void each_field(Io& io, auto& row, const Session&) {
  io("session", row.id);
  io("agent id", row.agent_id);
  io("state", row.state);
  io("trimmed to", row.trimmed_to);
  io("opened", row.opened_ms);
}
template <class Io>
void each_field(Io& io, auto& row, const SessionLogRow&) {
  io("session", row.session);
  io("seq", row.row.seq);
  io("kind", row.row.kind);
  io("crc", row.row.crc);
  io("object size", row.row.object_size);
  io("payload", row.row.payload);
  io("created", row.row.created_ms);
}
template <class Io>
void each_field(Io& io, auto& row, const SessionCheckpoint&) {
  io("session", row.session);
  io("upto seq", row.upto_seq);
  io("partitions", row.partitions);
}
template <class Io>
void each_field(Io& io, auto& row, const StoredObject&) {
  io("object key", row.row.key);
  io("level", row.row.level);
  io("size", row.row.size);
  io("state", row.row.state);
  io("dead since", row.row.dead_ms);
  io("session", row.session);
  io("segments", row.segment_count);
}
template <class Io>
void each_field(Io& io, auto& row, const Segment&) {
  io("partition", row.key);
  io("next offset", row.location.offsets.next);
  io("base offset", row.location.offsets.base);
  io("object key", row.location.object_key);
  io("position", row.location.position);
  io("length", row.location.length);
  io("object size", row.location.object_size);
  io("max timestamp", row.location.max_timestamp);
  io("leader epoch", row.location.epoch);
  io("created", row.location.created_ms);
  io("records", row.record_count);
}
template <class Io>
void each_field(Io& io, auto& row, const Group&) {
  io("group id", row.group_id);
  io("commit number", row.commit_no);
  io("generation", row.generation);
  io("protocol type", row.protocol_type);
  io("state", row.state);
  io("members", row.members);
  io("created", row.created_ms);
  io("updated", row.updated_ms);
}
template <class Io>
void each_field(Io& io, auto& row, const StoredOffset&) {
  io("group id", row.group_id);
  io("partition", row.offset.key);
  io("offset", row.offset.offset);
  io("leader epoch", row.offset.leader_epoch);
  io("metadata", row.offset.metadata);
  io("committed", row.offset.committed_ms);
  io("expires", row.offset.expires_ms);
}
template <class Io>
void each_field(Io& io, auto& row, const StoredGroupFloor&) {
  io("shard", row.shard);
  io("leader epoch", row.epoch);
  io("commit number", row.commit_no);
}
template <class Io>
void each_field(Io& io, auto& row, const Setting&) {
  io("key", row.key);
  io("value", row.value);
  io("version", row.version);
}

// The greatest value of each enumeration.
constexpr TopicState last_of(TopicState) { return TopicState::kDeleting; }
constexpr TopicKind last_of(TopicKind) { return TopicKind::kInternal; }
constexpr SessionState last_of(SessionState) { return SessionState::kRecovered; }
constexpr RowKind last_of(RowKind) { return RowKind::kSeal; }
constexpr ObjectState last_of(ObjectState) { return ObjectState::kDead; }

}  // namespace streamhouse::metadata
