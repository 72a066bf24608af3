#pragma once
/// \file  Moving: all that a store remembers as rows that are the same for every store, read out of
/// one and inserted into another.

#include <memory>
#include <variant>

#include "metadata/settings.h"

namespace streamhouse::metadata {

/// The cluster, and the numbers that are never given out twice.
struct ClusterRow {
  ClusterInfo cluster = {};
  model::TopicNo topic_no_latest = {};      ///< The greatest that any topic ever had.
  model::ProducerId producer_id_next = {};  ///< The first that nobody has.
};

struct SessionLogRow {
  SessionId session = {};
  LogRow row = {};
};

struct SessionCheckpoint {
  SessionId session = {};
  Seq upto_seq = {};
  base::Bytes partitions = {};  ///< segment::encode_checkpoint()
};

struct StoredObject {
  ObjectRow row = {};
  SessionId session = {};          ///< Of the log that committed it, or of its compactor.
  std::int64_t segment_count = 0;  ///< Segments that name it.
};

struct StoredOffset {
  std::string group_id = {};
  CommittedOffset offset = {};
};

/// Highest commit number with which a group of the shard was deleted under `epoch`.
struct StoredGroupFloor {
  TopicPartition shard = {};
  LeaderEpoch epoch = {};
  std::int64_t commit_no = 0;
};

/// The alternatives stand in the order in which rows are read and inserted. Void log rows are rows
/// like others.
using ArchiveRow =
    std::variant<ClusterRow, Topic, Partition, Session, SessionLogRow, SessionCheckpoint,
                 StoredObject, Segment, Group, StoredOffset, StoredGroupFloor, Setting>;
constexpr std::size_t kArchiveRowKinds = std::variant_size_v<ArchiveRow>;

/// Takes rows, one at a time, on whatever thread reads them.
class RowSink {
 public:
  virtual ~RowSink() = default;
  /// Reading begins. Called again, it begins anew, and what was taken before is void.
  virtual Status begin() = 0;
  /// An error ends the reading, which answers it.
  virtual Status take(ArchiveRow row) = 0;
};

/// The setting that marks a database as the target of an import that is not complete. While it is
/// there open_session is refused (kConflict), so nobody leads.
inline constexpr char kImportMark[] = "importing";

/// An import: begin_import, insert_rows as often as it takes, and delete_setting(kImportMark, 1).
/// Each can be repeated, and so can the whole from its beginning.
class ArchiveStore {
 public:
  virtual ~ArchiveStore() = default;

  /// Every row, by the order of ArchiveRow's alternatives, then by key: topics by number,
  /// partitions by key, sessions by id, log rows by (session, seq), checkpoints by session, objects
  /// by object key, segments by (partition, next offset), groups by id, offsets by (group id,
  /// partition), floors by shard, settings by key. All of one snapshot; where a store has none,
  /// nobody may write meanwhile. Left out: heartbeat rows and the change feed, which mean nothing
  /// in another database, and kImportMark. Memory: a bounded number of rows.
  /// Errors: the sink's.
  virtual Task<Status> read_rows(std::shared_ptr<RowSink> sink) = 0;

  /// Takes over the cluster's identity and counters and sets the mark, whose value is `archive`,
  /// in one transaction that no open_session overtakes. Success if the mark is there with that
  /// value: an earlier attempt. Errors: kConflict if the mark has another value, or anything but
  /// the cluster was ever stored: topics, sessions, settings, producer ids.
  virtual Task<Status> begin_import(ClusterRow cluster, std::string archive) = 0;
  /// Inserts rows as they are, whole or not at all; those that are there already stay. Requires:
  /// sessions before rows of their logs, and the rows of a log in the order of seq. Writes nothing
  /// to the change feed. Errors: kConflict without the mark; kInvalid for a ClusterRow; kCorrupt
  /// for a span table or checkpoint that cannot be decoded, where the store has to.
  virtual Task<Status> insert_rows(std::vector<ArchiveRow> rows) = 0;
};

}  // namespace streamhouse::metadata
