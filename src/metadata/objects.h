#pragma once
/// \file  Which objects and segments exist, which are dead, and what may be deleted.

#include <string>

#include "metadata/leases.h"

namespace streamhouse::metadata {

/// Where a span of a partition lies. L0 spans come from commit rows, segments (L1) from compaction.
struct SpanLocation {
  model::OffsetRange offsets = {};
  std::string object_key = {};  ///< Below the object store's prefix.
  std::uint64_t position = 0;
  std::uint32_t length = 0;
  std::uint64_t object_size = 0;
  std::int64_t max_timestamp = 0;
  LeaderEpoch epoch = {};
  SessionId session = {};  ///< Of the log that holds it; kNoSession for a segment.
  Seq seq = {};
  DatabaseMs created_ms = 0;
  friend bool operator==(const SpanLocation&, const SpanLocation&) = default;
};

/// Everything that a leader needs to serve reads of a partition, read in one snapshot of the
/// primary (rule P13).
struct LoadedPartition {
  Partition row = {};
  /// By base offset; only those that reach above the durable log start.
  std::vector<SpanLocation> spans = {};
  /// Names a commit row that could not be decoded and is left out; empty if there is none. Whose
  /// spans it held cannot be known: a partition whose spans tile has lost nothing by it.
  std::string damage = {};
};

/// One run of consecutive batches of a partition in a compacted object.
struct Segment {
  TopicPartition key = {};
  SpanLocation location = {};
  std::int64_t record_count = 0;
};

enum class ObjectState : std::uint8_t { kLive, kDead };

struct ObjectRow {
  std::string key = {};
  int level = 0;  ///< 0 = flushed (only its dead row is kept here), 1 = compacted.
  std::uint64_t size = 0;
  ObjectState state = ObjectState::kLive;
  DatabaseMs dead_ms = 0;
};

/// Objects of one level and state, and their bytes together.
struct ObjectCount {
  int level = 0;
  ObjectState state = ObjectState::kLive;
  std::uint64_t objects = 0;
  std::uint64_t bytes = 0;
  friend bool operator==(const ObjectCount&, const ObjectCount&) = default;
};

/// Rule P15. Replaces the commits of `log` up to `upto_seq` by segments in new objects.
struct Replacement {
  SessionId compactor = {};
  SessionId log = {};
  Seq upto_seq = {};
  /// The commits that were read; each must be there, above trimmed_to.
  std::vector<Seq> inputs = {};
  std::vector<ObjectRow> objects = {};
  std::vector<Segment> segments = {};
};

/// What keeps objects of one session alive (rule P16), read in one snapshot of the primary.
struct NamedObjects {
  std::optional<Seq> seal = {};        ///< nullopt: not sealed, nothing may be swept.
  std::vector<Seq> commits = {};       ///< Commit rows above trimmed_to.
  std::vector<std::string> live = {};  ///< Keys of live objects rows of this session.
  std::vector<std::string> dead = {};  ///< Keys of dead objects rows of this session.
};

class ObjectCatalog {
 public:
  virtual ~ObjectCatalog() = default;

  /// In one snapshot; by key, each once; unknown keys are left out of the answer.
  virtual Task<Result<std::vector<LoadedPartition>>> load_partitions(
      std::vector<TopicPartition> keys) = 0;
  /// The spans and segments of a partition that reach above both `from` and the durable log start,
  /// by base offset, at most `limit`. Errors: kPartitionNotFound.
  virtual Task<Result<std::vector<SpanLocation>>> list_segments(TopicPartition key, Offset from,
                                                                std::size_t limit) = 0;
  /// The one of those that holds `offset`. Errors: kPartitionNotFound; kNotFound, also for an
  /// offset below the durable log start of a span that does not reach above it.
  virtual Task<Result<SpanLocation>> find_segment(TopicPartition key, Offset offset) = 0;
  /// Forgets segments (of compacted objects) that end at or below both `before` and the durable log
  /// start (rule P13), lowest first, at most `limit`; objects without a segment left become dead.
  /// Spans of flushed objects go by trim. Returns how many were forgotten. Errors:
  /// kPartitionNotFound.
  virtual Task<Result<std::size_t>> delete_segments_before(TopicPartition key, Offset before,
                                                           std::size_t limit) = 0;
  /// One transaction, rule P15: the objects and segments are inserted (level 1, live), the log is
  /// trimmed to upto_seq and dead rows are written for its commits. A repeat that finds all its own
  /// objects is success. Segments of a topic that is gone are left out; an object that has none
  /// left is dead from the start. Errors, in this order: kInvalid (no input, object or segment, or
  /// a segment outside the objects); kFenced if the compactor is not live or the log is fencing;
  /// kConflict if an input is missing or void, the prefix holds another commit that trim would not
  /// take, its end is not covered (live log: by the newest checkpoint), is the newest row or the
  /// seal, or an object key or (partition, next offset) is taken.
  virtual Task<Status> replace_objects(Replacement replacement) = 0;

  /// Objects rows by key, greater than `after`, at most `limit`.
  virtual Task<Result<std::vector<ObjectRow>>> list_objects(std::string after,
                                                            std::size_t limit) = 0;
  /// What there is of each level and state, by level, live before dead; what there is none of is
  /// left out. Live objects of level 0 are the commit rows above trimmed_to.
  /// Cost: a look-up for each session that ever was, however many objects there are (a store in
  /// memory may pass over them all).
  virtual Task<Result<std::vector<ObjectCount>>> count_objects() = 0;
  /// Objects dead since before `dead_before_ms`, oldest first, then by key, at most `limit`.
  virtual Task<Result<std::vector<ObjectRow>>> list_dead(DatabaseMs dead_before_ms,
                                                         std::size_t limit) = 0;
  /// Drops the dead rows of objects that are physically gone; other keys are left alone.
  virtual Task<Status> forget_objects(std::vector<std::string> keys) = 0;
  /// An object belongs to the session in whose log it was committed (level 0) or whose compactor
  /// wrote it (level 1). Errors: kNotFound.
  virtual Task<Result<NamedObjects>> named_objects(SessionId session) = 0;
};

}  // namespace streamhouse::metadata
