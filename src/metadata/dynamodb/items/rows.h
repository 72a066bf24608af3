#pragma once
/// \file  Items as the interface's types, and back. What may be chunked is left out here.

#include <optional>
#include <vector>

#include "metadata/dynamodb/messages/item.h"
#include "metadata/metadata_store.h"

namespace streamhouse::metadata::dynamodb {

std::string session_text(SessionId session);
/// All zeros for a text that is no UUID.
model::TopicId topic_id_of(std::string text);
/// kNoSession for an empty or malformed text.
SessionId session_of(const std::string& text);

struct StoredTopic {
  /// From partition `first` on they were created at `at_ms`.
  struct Growth {
    std::int32_t first = 0;
    DatabaseMs at_ms = 0;
  };
  Topic topic = {};
  /// Gone for everybody; what belonged to it is being removed.
  bool is_purged = false;
  std::vector<Growth> growth = {};

  bool has(model::PartitionIndex partition) const {
    return !is_purged && partition.value() >= 0 && partition.value() < topic.partition_count;
  }
  DatabaseMs created_ms(model::PartitionIndex partition) const;
};
/// Errors: kCorrupt for a config that is no JSON.
Result<StoredTopic> topic_of(const Item& item);
/// Errors: kInvalid for a config that is not UTF-8.
Result<Item> item_of(const StoredTopic& topic);

/// Who has a topic's name: the live topic, and deleted ones that are not purged yet.
struct NameClaim {
  model::TopicNo live = {};
  std::vector<model::TopicNo> deleting = {};
};
NameClaim claim_of(const Item* item);
Item item_of(const NameClaim& claim);

TopicPartition key_of_partition(const Item& item);
/// A partition whose item may be missing: then nobody has led it yet. Without its producers.
Partition partition_of(const StoredTopic& topic, model::PartitionIndex partition, const Item* item);
/// Without its producers.
Item item_of(const Partition& partition);

struct StoredSession {
  Session session = {};
  std::optional<Seq> seal = {};
  /// Commits and their bytes: those that were ever trimmed, and, once sealed, all there ever were.
  std::int64_t trimmed_objects = 0;
  std::int64_t trimmed_bytes = 0;
  std::int64_t total_objects = 0;
  std::int64_t total_bytes = 0;
};
StoredSession session_of(const Item& item);
Item item_of(const StoredSession& session);

/// A row of a log without its payload, and the totals of all commits up to it.
struct StoredRow {
  LogRow row = {};
  std::int64_t total_objects = 0;
  std::int64_t total_bytes = 0;
};
StoredRow row_of(const Item& item);
Item item_of(const StoredRow& row);

/// What is stored of the newest checkpoint, without its tables.
struct CheckpointHead {
  Seq upto_seq = {};
  std::uint32_t crc = 0;  ///< Of the encoded table.
  std::int64_t size = 0;
  static CheckpointHead of(Seq upto_seq, base::BytesView encoded);
  friend bool operator==(const CheckpointHead&, const CheckpointHead&) = default;
};
CheckpointHead checkpoint_head_of(const Item& item);
Item item_of(const CheckpointHead& head);

/// Errors: kCorrupt for metadata that is no JSON.
Result<Agent> agent_of(const Item& item);
/// Errors: kInvalid for metadata that is not UTF-8.
Result<Item> item_of(const Agent& agent);

StoredObject object_of(const Item& item);
Item item_of(const StoredObject& object);

Segment segment_of(const Item& item);
Item item_of(const Segment& segment);

struct StoredGroup {
  Group group = {};
  std::string incarnation = {};   ///< Offsets of another were those of a deleted group.
  LeaderEpoch written_under{-1};  ///< The shard's, of the newest write; nobody's after an import.
};
StoredGroup group_of(const Item& item);
Item item_of(const StoredGroup& group);
CommittedOffset offset_of(const Item& item);
Item item_of(const CommittedOffset& offset, const std::string& incarnation);
inline constexpr char kIncarnation[] = "group";
StoredGroupFloor group_floor_of(const Item& item);
Item item_of(const StoredGroupFloor& floor);

Setting setting_of(const Item& item);
Item item_of(const Setting& setting);

}  // namespace streamhouse::metadata::dynamodb
