#pragma once
/// \file  Partition rows: how they are read whole, and how they are freed.

#include "metadata/dynamodb/tables/sessions.h"

namespace streamhouse::metadata::dynamodb {

/// Reads partition rows with all that belongs to them, which stands in several items. Remembers
/// topics and checkpoints that it has read.
/// Lifetime:  of one operation.
class PartitionReader {
 public:
  explicit PartitionReader(Table& table) : table_(table) {}

  /// nullptr if it is gone. Requires: learn() of it.
  const StoredTopic* find_topic(model::TopicNo topic) const;
  Task<Status> learn(std::vector<model::TopicNo> topics);

  /// Those that are there, by key, each once.
  Task<Result<std::vector<Partition>>> some(std::vector<TopicPartition> keys);
  /// By index.
  Task<Result<std::vector<Partition>>> of_topic(StoredTopic topic);
  /// Those of one run of kPartitionsPerKey.
  Task<Result<std::vector<Partition>>> of_chunk(StoredTopic topic, std::int32_t chunk);
  /// Those that the session owns, by key.
  Task<Result<std::vector<Partition>>> of_owner(SessionId owner);
  /// A row whose item may be missing, whole; as of later than the item if that is replaced
  /// meanwhile. Producers that are damaged are bytes that cannot be decoded. Requires: the topic
  /// has it.
  Task<Result<Partition>> whole(StoredTopic topic, model::PartitionIndex partition,
                                std::optional<Item> item);

 private:
  Task<Result<Partition>> one(StoredTopic topic, model::PartitionIndex partition, Damage damage);
  Task<Result<Partition>> with_blobs(StoredTopic topic, model::PartitionIndex partition,
                                     std::optional<Item> item, Damage damage);

  Table& table_;
  std::map<model::TopicNo, std::optional<StoredTopic>> topics_;
  std::map<SessionId, VisibleWatermarks> visible_;
};

/// The runs of a topic's partitions are 0 to this one.
std::int32_t last_chunk(const StoredTopic& topic);
/// Topics by number, greater than `after`, at most `limit`; none that is purged.
Task<Result<std::vector<StoredTopic>>> list_stored_topics(Table& table, model::TopicNo after,
                                                          std::size_t limit);
/// Whether a session that is not recovered owns some partition of the topic. Of a deleting topic no
/// partition is acquired any more, so no stays no.
Task<Result<bool>> has_unrecovered_owner(Table& table, StoredTopic topic);
inline constexpr char kProducers[] = "producers";

/// How many partitions one transaction frees at most, beside a row of a log and the feed.
inline constexpr std::size_t kFreedMax = 90;
/// What was freed, and what nobody names any more.
struct Freed {
  std::size_t count = 0;
  std::vector<Range> garbage = {};
};
/// Rules P6 and P10: frees those of at most kFreedMax partitions whose row has `owner` and the
/// entry's epoch. `visible` is the owner's.
Task<Result<Freed>> free_partitions(Transaction& transaction, SessionId owner,
                                    segment::CheckpointTable entries, VisibleWatermarks visible);
/// Any number, a transaction for every kFreedMax: each partition is freed once, whoever repeats it.
/// Errors: kUnknownOutcome in place of kUnavailable and kThrottled once some were freed.
Task<Result<std::size_t>> free_all(Table& table, SessionId owner, segment::CheckpointTable entries);
/// As remove_leftovers().
Task<void> remove_garbage(Table& table, std::vector<Range> garbage);

}  // namespace streamhouse::metadata::dynamodb
