#include "metadata/dynamodb/tables/partition_rows.h"

#include <algorithm>
#include <set>

#include "metadata/dynamodb/driver/take_front.h"
#include "metadata/dynamodb/items/blobs.h"
#include "metadata/dynamodb/items/keys.h"
#include "metadata/dynamodb/tables/changes.h"

namespace streamhouse::metadata::dynamodb {

const StoredTopic* PartitionReader::find_topic(model::TopicNo topic) const {
  const auto found = topics_.find(topic);
  return found != topics_.end() && found->second ? &*found->second : nullptr;
}

Task<Status> PartitionReader::learn(std::vector<model::TopicNo> topics) {
  std::vector<Key> keys;
  for (const model::TopicNo topic : topics)
    if (topics_.emplace(topic, std::nullopt).second) keys.push_back(topic_key(topic));
  if (keys.empty()) co_return Status{};
  SH_CO_TRY(const auto items, co_await table_.get_all(std::move(keys)));
  for (const Item& item : items) {
    SH_CO_TRY(StoredTopic topic, topic_of(item));
    if (!topic.is_purged) topics_[topic.topic.no] = std::move(topic);
  }
  co_return Status{};
}

Task<Result<Partition>> PartitionReader::whole(StoredTopic topic, model::PartitionIndex partition,
                                               std::optional<Item> item) {
  auto task = with_blobs(topic, partition, std::move(item), Damage::kIsAnError);
  auto row = co_await std::move(task);
  if (row || row.error().code != base::Errc::kCorrupt) co_return row;
  const auto read = [&](Damage damage) { return one(topic, partition, damage); };
  co_return co_await read_despite_damage(read);
}

Task<Result<Partition>> PartitionReader::one(StoredTopic topic, model::PartitionIndex partition,
                                             Damage damage) {
  SH_CO_TRY(auto item, co_await table_.get(partition_key({topic.topic.no, partition})));
  co_return co_await with_blobs(std::move(topic), partition, std::move(item), damage);
}

Task<Result<Partition>> PartitionReader::with_blobs(StoredTopic topic,
                                                    model::PartitionIndex partition,
                                                    std::optional<Item> item, Damage damage) {
  Partition row = partition_of(topic, partition, item ? &*item : nullptr);
  if (!item) co_return row;
  if (row.owner != model::kNoSession) {
    if (!visible_.contains(row.owner)) {
      SH_CO_TRY(visible_[row.owner], co_await visible_of(table_, row.owner));
    }
    row.visible_high_watermark = visible_for(visible_[row.owner], row);
  }
  const std::string place = producers_key(row.key.topic, chunk_of(partition));
  auto producers = co_await load_blob(table_, place, *item, kProducers);
  const bool is_damaged = !producers && producers.error().code == base::Errc::kCorrupt;
  // No bytes at all would be no producers: their names are none.
  if (is_damaged && damage == Damage::kIsHandedOn) producers = base::Bytes(item->text(kProducers));
  if (!producers) co_return producers.error();
  row.producers = *std::move(producers);
  co_return row;
}

Task<Result<std::vector<Partition>>> PartitionReader::some(std::vector<TopicPartition> keys) {
  const std::set<TopicPartition> wanted(keys.begin(), keys.end());
  std::vector<model::TopicNo> topics;
  for (const TopicPartition& key : wanted) topics.push_back(key.topic);
  SH_CO_TRY_OK(co_await learn(std::move(topics)));
  std::map<TopicPartition, std::optional<Item>> rows;
  std::vector<Key> places;
  for (const TopicPartition& key : wanted) {
    const StoredTopic* const topic = find_topic(key.topic);
    if (topic == nullptr || !topic->has(key.partition)) continue;
    rows.emplace(key, std::nullopt);
    places.push_back(partition_key(key));
  }
  SH_CO_TRY(auto items, co_await table_.get_all(std::move(places)));
  for (Item& item : items) rows[key_of_partition(item)] = std::move(item);
  std::vector<Partition> found;
  for (auto& [key, item] : rows) {
    auto task = whole(*find_topic(key.topic), key.partition, std::move(item));
    SH_CO_TRY(found.emplace_back(), co_await std::move(task));
  }
  co_return found;
}

std::int32_t last_chunk(const StoredTopic& topic) {
  return chunk_of(model::PartitionIndex(topic.topic.partition_count - 1));
}

Task<Result<std::vector<Partition>>> PartitionReader::of_chunk(StoredTopic topic,
                                                               std::int32_t chunk) {
  SH_CO_TRY(auto items, co_await table_.query(Range::whole(partitions_key(topic.topic.no, chunk))));
  std::map<model::PartitionIndex, std::optional<Item>> rows;
  for (Item& item : items) rows[key_of_partition(item).partition] = std::move(item);
  const std::int32_t first = chunk * kPartitionsPerKey;
  const std::int32_t end = std::min(first + kPartitionsPerKey, topic.topic.partition_count);
  std::vector<Partition> found;
  for (std::int32_t index = first; index < end; ++index) {
    const model::PartitionIndex partition(index);
    auto task = whole(topic, partition, std::move(rows[partition]));
    SH_CO_TRY(found.emplace_back(), co_await std::move(task));
  }
  co_return found;
}

Task<Result<std::vector<Partition>>> PartitionReader::of_topic(StoredTopic topic) {
  std::vector<Partition> found;
  for (std::int32_t chunk = 0; chunk <= last_chunk(topic); ++chunk) {
    SH_CO_TRY(auto some, co_await of_chunk(topic, chunk));
    std::ranges::move(some, std::back_inserter(found));
  }
  co_return found;
}

Task<Result<std::vector<Partition>>> PartitionReader::of_owner(SessionId owner) {
  SH_CO_TRY(const auto chunks, co_await table_.query(Range::whole(led_key(owner))));
  std::vector<Partition> owned;
  for (const Item& chunk : chunks) {
    const std::string place = chunk.text(kSortKey);
    const model::TopicNo no(static_cast<std::uint32_t>(number_at(place, 0)));
    SH_CO_TRY_OK(co_await learn({no}));
    const StoredTopic* const topic = find_topic(no);
    if (topic == nullptr) continue;
    const auto number = static_cast<std::int32_t>(number_at(place, place.find('#') + 1));
    SH_CO_TRY(auto items, co_await table_.query(Range::whole(partitions_key(no, number))));
    for (Item& item : items) {
      if (session_of(item.text("owner")) != owner) continue;
      const model::PartitionIndex partition = key_of_partition(item).partition;
      auto task = whole(*topic, partition, std::move(item));
      SH_CO_TRY(Partition row, co_await std::move(task));
      if (row.owner == owner) owned.push_back(std::move(row));
    }
  }
  co_return owned;
}

Task<Result<std::vector<StoredTopic>>> list_stored_topics(Table& table, model::TopicNo after,
                                                          std::size_t limit) {
  std::vector<StoredTopic> topics;
  std::optional<Key> next;
  while (topics.size() < limit) {
    Range range = Range::after(kTopicsKey, topic_text(after));
    SH_CO_TRY(const auto items, co_await table.page(std::move(range), next));
    for (const Item& item : items) {
      SH_CO_TRY(StoredTopic topic, topic_of(item));
      if (!topic.is_purged && topics.size() < limit) topics.push_back(std::move(topic));
    }
    if (!next) break;
  }
  co_return topics;
}

Task<Result<bool>> has_unrecovered_owner(Table& table, StoredTopic topic) {
  PartitionReader reader(table);
  SH_CO_TRY(const auto rows, co_await reader.of_topic(std::move(topic)));
  std::set<SessionId> owners;
  for (const Partition& row : rows)
    if (row.owner != model::kNoSession) owners.insert(row.owner);
  std::vector<Key> keys;
  for (const SessionId owner : owners) keys.push_back(session_key(owner));
  SH_CO_TRY(const auto items, co_await table.get_all(std::move(keys)));
  std::size_t recovered = 0;
  for (const Item& item : items)
    recovered += session_of(item).session.state == SessionState::kRecovered ? 1 : 0;
  co_return recovered < owners.size();
}

Task<Result<Freed>> free_partitions(Transaction& transaction, SessionId owner,
                                    segment::CheckpointTable entries, VisibleWatermarks visible) {
  std::vector<Key> keys;
  for (const auto& entry : entries) keys.push_back(partition_key(entry.partition));
  SH_CO_TRY_OK(co_await transaction.load(std::move(keys)));
  Freed freed;
  NewChanges changes;
  for (const auto& entry : entries) {
    const Key key = partition_key(entry.partition);
    const Item* const item = transaction.find(key);
    if (item == nullptr) continue;
    Partition row =
        partition_of({.topic = {.no = entry.partition.topic}}, entry.partition.partition, item);
    if (row.owner != owner || row.epoch != entry.epoch) continue;
    row.visible_high_watermark = std::max(visible_for(visible, row), entry.high_watermark);
    row.owner = model::kNoSession;
    row.epoch = LeaderEpoch(row.epoch.value() + 1);
    row.high_watermark = entry.high_watermark;
    row.log_start = std::max(row.log_start, entry.log_start);
    row.updated_ms = transaction.now();
    BlobPlace place{.pk = producers_key(row.key.topic, chunk_of(row.key.partition)),
                    .name = partition_text(row.key.partition) + "#" + padded(row.epoch.value())};
    const std::string before = item->text(kProducers);
    Item next = item_of(row);
    SH_CO_TRY(
        const BlobRef producers,
        co_await store_blob(transaction.table(), place, entry.producers, kInlineInTransactionMax));
    producers.set(next, kProducers);
    if (!before.empty() && before != producers.chunks)
      freed.garbage.push_back(Range::prefix(place.pk, before));
    transaction.put(key, std::move(next));
    changes.emplace_back(ChangeKind::kLease, lease_text(row.key));
    ++freed.count;
  }
  SH_CO_TRY_OK(co_await add_changes(transaction, std::move(changes)));
  co_return freed;
}

Task<void> remove_garbage(Table& table, std::vector<Range> garbage) {
  for (Range& range : garbage) co_await remove_leftovers(table, std::move(range));
}

namespace {

struct FreeSome {
  SessionId owner;
  segment::CheckpointTable entries;
  VisibleWatermarks visible;
  Task<Result<Freed>> run(Transaction& transaction) const {
    return free_partitions(transaction, owner, entries, visible);
  }
};

}  // namespace

Task<Result<std::size_t>> free_all(Table& table, SessionId owner,
                                   segment::CheckpointTable entries) {
  SH_CO_TRY(const VisibleWatermarks visible, co_await visible_of(table, owner));
  std::size_t count = 0;
  std::span<const segment::PartitionCheckpoint> rest(entries);
  while (!rest.empty()) {
    FreeSome some{.owner = owner, .entries = take_front(rest, kFreedMax), .visible = visible};
    auto freed = co_await transact(table, std::move(some));
    if (!freed) co_return count == 0 ? freed.error() : behind_applied(freed.error());
    co_await remove_garbage(table, std::move(freed->garbage));
    count += freed->count;
  }
  co_return count;
}

}  // namespace streamhouse::metadata::dynamodb
