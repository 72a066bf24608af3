#pragma once
/// \file  The tables of the in-memory metadata: the whole state, as a plain value.

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "metadata/checked_row.h"
#include "metadata/metadata_store.h"

namespace streamhouse::metadata {

struct SessionRecord {
  Session session = {};
  /// Rows never change, so that copies of the tables share them. Void rows stand here too.
  std::map<Seq, std::shared_ptr<const CheckedRow>> log = {};
  std::optional<CheckpointRow> checkpoint = {};  ///< The newest; older ones count for nothing.

  Seq newest() const { return log.rbegin()->first; }
  bool has_seal() const { return log.rbegin()->second->row.kind == RowKind::kSeal; }
  bool is_void(Seq seq) const { return seq <= session.trimmed_to; }
};

struct ObjectRecord {
  ObjectRow row = {};
  SessionId session = {};         ///< Of the log that committed it, or of its compactor.
  std::size_t segment_count = 0;  ///< Segments that name it.
};

struct GroupRecord {
  Group group = {};
  std::map<TopicPartition, CommittedOffset> offsets = {};
};

/// Highest commit number of a deletion in a shard under `epoch`; void under any other.
struct GroupFloor {
  LeaderEpoch epoch = {};
  std::int64_t commit_no = 0;
};

/// Value: copying it is a snapshot of the database, assigning it a restore.
struct MemoryTables {
  using SegmentKey = std::pair<TopicPartition, Offset>;  ///< Partition, next offset.

  std::map<model::TopicNo, Topic> topics = {};
  std::map<TopicPartition, Partition> partitions = {};
  std::map<std::string, Agent> agents = {};
  std::map<SessionId, SessionRecord> sessions = {};
  std::map<std::string, ObjectRecord> objects = {};  ///< By key.
  std::map<SegmentKey, Segment> segments = {};
  std::map<std::string, GroupRecord> groups = {};
  std::map<TopicPartition, GroupFloor> group_floors = {};  ///< By shard.
  std::map<std::string, Setting> settings = {};
  std::map<std::int64_t, Change> changes = {};  ///< By version; the newest kChangesKeptMax.
  std::int64_t change_latest = 0;
  std::uint32_t topic_no_latest = 0;
  std::int64_t producer_id_next = 0;
  ClusterInfo cluster = {};
};

constexpr std::size_t kChangesKeptMax = 100'000;

}  // namespace streamhouse::metadata
