#pragma once
/// \file  Topics and their partitions, as the metadata store keeps them.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/bytes.h"
#include "base/error.h"
#include "model/ids.h"
#include "runtime/task.h"

namespace streamhouse::metadata {

using base::Result;
using base::Status;
using model::LeaderEpoch;
using model::Offset;
using model::Seq;
using model::SessionId;
using model::TopicPartition;
using runtime::Task;

/// Milliseconds since 1970 by the database's clock.
using DatabaseMs = std::int64_t;

enum class TopicState : std::uint8_t { kLive, kDeleting };
/// Internal topics (`__consumer_offsets`) are hidden from lists and views.
enum class TopicKind : std::uint8_t { kUser, kInternal };

struct Topic {
  model::TopicNo no = {};
  model::TopicId id = {};
  std::string name = {};
  std::int32_t partition_count = 0;
  std::optional<std::int64_t> retention_ms = {};  ///< nullopt = keep for ever.
  std::map<std::string, std::string> config = {};
  std::int64_t version = 1;  ///< Raised by each change of config or partition count.
  TopicState state = TopicState::kLive;
  TopicKind kind = TopicKind::kUser;
  DatabaseMs created_ms = 0;
  DatabaseMs updated_ms = 0;
  friend bool operator==(const Topic&, const Topic&) = default;
};

struct NewTopic {
  std::string name = {};
  model::TopicId id = {};
  std::int32_t partition_count = 1;
  std::optional<std::int64_t> retention_ms = {};
  std::map<std::string, std::string> config = {};
  TopicKind kind = TopicKind::kUser;
};

struct TopicChange {
  std::map<std::string, std::optional<std::string>> config = {};  ///< nullopt removes the key.
  std::optional<std::optional<std::int64_t>> retention_ms = {};   ///< Outer nullopt = unchanged.
  std::optional<std::int64_t> expected_version = {};              ///< kConflict if another.
};

/// Partitions that one topic may have.
constexpr std::int32_t kPartitionsPerTopicMax = 100'000;

/// By name only a live topic is found; by id or number a deleting one too.
using TopicRef = std::variant<std::string, model::TopicId, model::TopicNo>;

/// One partition's row. While it is owned, the owner's memory is newer than high_watermark and
/// producers.
struct Partition {
  TopicPartition key = {};
  LeaderEpoch epoch = {};              ///< Raised by acquire, release and recovery.
  SessionId owner = {};                ///< model::kNoSession = free.
  Seq since_seq = {};                  ///< First seq of the owner's log that may hold spans of it.
  Offset log_start = {};               ///< Durable; never goes back.
  Offset high_watermark = {};          ///< As of the last release or recovery (rules P6, P10).
  Offset visible_high_watermark = {};  ///< As of the newest checkpoint; for views and lists only.
  base::Bytes producers = {};          ///< segment::encode_producer_snapshot() at high_watermark.
  DatabaseMs created_ms = 0;
  DatabaseMs updated_ms = 0;
  DatabaseMs acquired_ms = 0;
  friend bool operator==(const Partition&, const Partition&) = default;
};

class TopicStore {
 public:
  virtual ~TopicStore() = default;

  /// Creates the topic and all its partitions (epoch 0, free, offsets 0) in one transaction, with
  /// the next topic number, from 1. A repeat with the same id and name finds its own success, also
  /// if the topic has been deleted since. Errors, in this order: kInvalid (empty name, zero id,
  /// partition_count outside 1..kPartitionsPerTopicMax); kExists (the id belongs to another name);
  /// kTopicExists; kConflict while a deleted topic of that name still has a partition with an
  /// unrecovered owner (the name is free after the take-over).
  virtual Task<Result<Topic>> create_topic(NewTopic topic) = 0;
  /// Marks the topic deleting, as it is returned: no partition of it can be acquired any more. A
  /// repeat changes nothing; nullopt if no topic has that id (any more). By id and not by name, so
  /// that a late copy never deletes a later topic of the same name.
  virtual Task<Result<std::optional<Topic>>> delete_topic(model::TopicId id) = 0;
  /// Removes a deleting topic's rows (partitions, segments, committed offsets, the topic) once none
  /// of its partitions is owned by an unrecovered session; objects without a segment left become
  /// dead. Success too if it is gone. Errors: kConflict while one is; kInvalid if it is live.
  virtual Task<Status> purge_topic(model::TopicNo topic) = 0;
  /// Errors: kTopicNotFound.
  virtual Task<Result<Topic>> get_topic(TopicRef topic) = 0;
  /// Topics of both kinds and states, by number, at most `limit`, with a number greater than
  /// `after`.
  virtual Task<Result<std::vector<Topic>>> list_topics(model::TopicNo after, std::size_t limit) = 0;
  /// A change that is in effect already is success and raises nothing (so a repeat finds its own),
  /// whatever version it expected. Errors: kTopicNotFound, kConflict (version).
  virtual Task<Result<Topic>> update_topic_config(std::string name, TopicChange change) = 0;
  /// Adds partitions up to `count`. Success if there are exactly as many already (a repeat).
  /// Errors: kTopicNotFound; kInvalid if it is fewer, or more than kPartitionsPerTopicMax.
  virtual Task<Result<Topic>> create_partitions(std::string name, std::int32_t count) = 0;

  /// Errors: kPartitionNotFound.
  virtual Task<Result<Partition>> get_partition(TopicPartition key) = 0;
  /// All partitions of the topic, by index. Errors: kTopicNotFound.
  virtual Task<Result<std::vector<Partition>>> list_partitions(model::TopicNo topic) = 0;
  /// Partitions without an owner, of live topics, at most `limit`, by key.
  virtual Task<Result<std::vector<Partition>>> list_free_partitions(std::size_t limit) = 0;
  /// Raises the log start, never lowers it; guarded by owner and epoch (rule P13). Errors:
  /// kPartitionNotFound, kFenced.
  virtual Task<Status> advance_log_start(TopicPartition key, SessionId owner, LeaderEpoch epoch,
                                         Offset log_start) = 0;
};

}  // namespace streamhouse::metadata
