#pragma once
/// \file  Which objects and segments exist, which are dead, and what may be deleted.

#include <string>

#include "metadata/leases.h"

namespace streamhouse::metadata {

/// Where a span of a partition lies. L0 spans come from commit rows, segments (L1) from compaction.
struct SpanLocation {
  model::OffsetRange offsets;
  std::string object_key;  ///< Below the object store's prefix.
  std::uint64_t position = 0;
  std::uint32_t length = 0;
  std::uint64_t object_size = 0;
  std::int64_t max_timestamp = 0;
  LeaderEpoch epoch;
  SessionId session;  ///< Of the log that holds it; kNoSession for a segment.
  Seq seq;
  DatabaseMs created_ms = 0;
  friend bool operator==(const SpanLocation&, const SpanLocation&) = default;
};

/// Everything that a leader needs to serve reads of a partition, read in one snapshot of the
/// primary (rule P13).
struct LoadedPartition {
  Partition row;
  std::vector<SpanLocation>
      spans;  ///< By base offset; only those that reach above the durable log start.
};

/// One compacted run, R1.4.
struct Segment {
  TopicPartition key;
  SpanLocation location;
  std::int64_t record_count = 0;
};

enum class ObjectState : std::uint8_t { kLive, kDead };

struct ObjectRow {
  std::string key;
  int level = 0;  ///< 0 = flushed (only its dead row is kept here), 1 = compacted.
  std::uint64_t size = 0;
  ObjectState state = ObjectState::kLive;
  DatabaseMs dead_ms = 0;
};

/// Rule P15. Replaces the commits of `log` up to `upto_seq` by segments in new objects.
struct Replacement {
  SessionId compactor;
  SessionId log;
  Seq upto_seq;
  std::vector<Seq> inputs;  ///< The commits that were read; each must be there, above trimmed_to.
  std::vector<ObjectRow> objects;
  std::vector<Segment> segments;
};

/// What keeps objects of one session alive (rule P16), read in one snapshot of the primary.
struct NamedObjects {
  std::optional<Seq> seal;        ///< nullopt: not sealed, nothing may be swept.
  std::vector<Seq> commits;       ///< Commit rows above trimmed_to.
  std::vector<std::string> live;  ///< Keys of live objects rows of this session.
  std::vector<std::string> dead;  ///< Keys of dead objects rows of this session.
};

class ObjectCatalog {
 public:
  virtual ~ObjectCatalog() = default;

  /// In one snapshot; unknown keys are left out of the answer.
  virtual Task<Result<std::vector<LoadedPartition>>> load_partitions(
      std::vector<TopicPartition> keys) = 0;
  /// R3.4: the spans and segments of a partition that reach above `from`, by base offset, at most
  /// `limit`.
  virtual Task<Result<std::vector<SpanLocation>>> list_segments(TopicPartition key, Offset from,
                                                                std::size_t limit) = 0;
  /// R3.4. Errors: kNotFound.
  virtual Task<Result<SpanLocation>> find_segment(TopicPartition key, Offset offset) = 0;
  /// R3.4: forgets segments (L1 rows) that end at or below `before`, at most `limit`; objects
  /// without a segment left become dead. L0 spans go by trim. Returns how many were forgotten.
  virtual Task<Result<std::size_t>> delete_segments_before(TopicPartition key, Offset before,
                                                           std::size_t limit) = 0;
  /// One transaction, rule P15; a repeat that finds its own outputs is success.
  /// Errors: kConflict if an input is missing or void; kFenced if the compactor is not live or the
  /// log is fencing.
  virtual Task<Status> replace_objects(Replacement replacement) = 0;

  /// Objects rows by key, greater than `after`, at most `limit`.
  virtual Task<Result<std::vector<ObjectRow>>> list_objects(std::string after,
                                                            std::size_t limit) = 0;
  /// Objects dead since before `dead_before_ms`, at most `limit`.
  virtual Task<Result<std::vector<ObjectRow>>> list_dead(DatabaseMs dead_before_ms,
                                                         std::size_t limit) = 0;
  /// Drops the dead rows of objects that are physically gone.
  virtual Task<Status> forget_objects(std::vector<std::string> keys) = 0;
  virtual Task<Result<NamedObjects>> named_objects(SessionId session) = 0;
};

}  // namespace streamhouse::metadata
