#include "metadata/dynamodb/items/rows.h"

#include <algorithm>
#include <charconv>
#include <concepts>

#include "base/crc32c.h"
#include "base/hex.h"
#include "metadata/dynamodb/items/keys.h"
#include "metadata/sql/log_letters.h"
#include "metadata/sql/texts_json.h"

namespace streamhouse::metadata::dynamodb {
namespace {

constexpr std::int64_t kPurged = 2;  ///< As a topic's state.
constexpr std::size_t kUuidDigits = 32;

/// Comma-separated decimal numbers.
std::vector<std::int64_t> numbers_of(std::string_view text) {
  std::vector<std::int64_t> numbers;
  while (!text.empty()) {
    const std::string_view one = text.substr(0, text.find(','));
    std::int64_t& number = numbers.emplace_back();
    std::from_chars(one.data(), one.data() + one.size(), number);
    text.remove_prefix(std::min(text.size(), one.size() + 1));
  }
  return numbers;
}

void append_number(std::string& text, std::int64_t number) {
  text += (text.empty() ? "" : ",") + std::to_string(number);
}

/// A row to write, or one to read.
template <class T, class Row>
concept Of = std::same_as<std::remove_const_t<T>, Row>;

/// Sets a member to what an attribute holds: 0 or nothing unless it holds such a value.
template <class T>
void get(const Item& item, const char* name, T& member) {
  if constexpr (std::same_as<T, std::string>)
    member = item.text(name);
  else if constexpr (std::same_as<T, base::Bytes>)
    member = item.bytes(name);
  else if constexpr (std::same_as<T, SessionId>)
    member = session_of(item.text(name));
  else if constexpr (std::same_as<T, model::TopicId>)
    member = topic_id_of(item.text(name));
  else if constexpr (requires { typename T::rep; })
    member = T(static_cast<typename T::rep>(item.number(name)));
  else
    member = static_cast<T>(item.number(name));
}

/// One that may be missing.
template <class T>
void get(const Item& item, const char* name, std::optional<T>& member) {
  if (item.has(name)) get(item, name, member.emplace());
}

/// Sets an attribute to what a member holds.
template <class T>
void set(Item& item, const char* name, const T& member) {
  if constexpr (std::same_as<T, SessionId>)
    item.set(name, session_text(member));
  else if constexpr (std::same_as<T, model::TopicId>)
    item.set(name, to_string(member));
  else if constexpr (requires { typename T::rep; })
    item.set(name, static_cast<std::int64_t>(member.value()));
  else if constexpr (std::integral<T> || std::is_enum_v<T>)
    item.set(name, static_cast<std::int64_t>(member));
  else
    item.set(name, member);
}

template <class T>
void set(Item& item, const char* name, const std::optional<T>& member) {
  if (member) set(item, name, *member);
}

// The attributes of each kind of row, and the members that they hold.

void fields(auto io, Of<StoredTopic> auto& stored) {
  auto& topic = stored.topic;
  io("no", topic.no);
  io("id", topic.id);
  io("name", topic.name);
  io("partitions", topic.partition_count);
  io("retention_ms", topic.retention_ms);
  io("version", topic.version);
  io("kind", topic.kind);
  io("created", topic.created_ms);
  io("updated", topic.updated_ms);
}

void fields(auto io, Of<Partition> auto& row) {
  io("epoch", row.epoch);
  io("owner", row.owner);
  io("since", row.since_seq);
  io("start", row.log_start);
  io("high", row.high_watermark);
  io("visible", row.visible_high_watermark);
  io("updated", row.updated_ms);
  io("acquired", row.acquired_ms);
}

void fields(auto io, Of<StoredSession> auto& stored) {
  auto& session = stored.session;
  io("id", session.id);
  io("agent", session.agent_id);
  io("state", session.state);
  io("trimmed", session.trimmed_to);
  io("opened", session.opened_ms);
  io("seal", stored.seal);
  io("trimmed_objects", stored.trimmed_objects);
  io("trimmed_bytes", stored.trimmed_bytes);
  io("total_objects", stored.total_objects);
  io("total_bytes", stored.total_bytes);
}

void fields(auto io, Of<StoredRow> auto& stored) {
  io("crc", stored.row.crc);
  io("size", stored.row.object_size);
  io("created", stored.row.created_ms);
  io("objects", stored.total_objects);
  io("bytes", stored.total_bytes);
}

void fields(auto io, Of<CheckpointHead> auto& head) {
  io("upto", head.upto_seq);
  io("crc", head.crc);
  io("size", head.size);
}

void fields(auto io, Of<Agent> auto& agent) {
  io("id", agent.info.agent_id);
  io("address", agent.info.address);
  io("zone", agent.info.zone);
  io("group", agent.info.group);
  io("session", agent.session);
  io("heartbeat", agent.last_heartbeat_ms);
  io("started", agent.started_ms);
  io("expires", agent.expires_ms);
}

void fields(auto io, Of<StoredObject> auto& stored) {
  io("key", stored.row.key);
  io("level", stored.row.level);
  io("size", stored.row.size);
  io("session", stored.session);
  io("segments", stored.segment_count);
}

void fields(auto io, Of<Segment> auto& segment) {
  auto& location = segment.location;
  io("base", location.offsets.base);
  io("next", location.offsets.next);
  io("object", location.object_key);
  io("position", location.position);
  io("length", location.length);
  io("object_size", location.object_size);
  io("max_timestamp", location.max_timestamp);
  io("epoch", location.epoch);
  io("created", location.created_ms);
  io("records", segment.record_count);
}

void fields(auto io, Of<StoredGroup> auto& stored) {
  auto& group = stored.group;
  io("id", group.group_id);
  io("commit_no", group.commit_no);
  io("generation", group.generation);
  io("protocol", group.protocol_type);
  io("state", group.state);
  io("members", group.members);
  io("created", group.created_ms);
  io("updated", group.updated_ms);
  io(kIncarnation, stored.incarnation);
  io("shard_epoch", stored.written_under);
}

void fields(auto io, Of<CommittedOffset> auto& offset) {
  io("topic", offset.key.topic);
  io("partition", offset.key.partition);
  io("offset", offset.offset);
  io("epoch", offset.leader_epoch);
  io("metadata", offset.metadata);
  io("committed", offset.committed_ms);
  io("expires", offset.expires_ms);
}

void fields(auto io, Of<StoredGroupFloor> auto& floor) {
  io("epoch", floor.epoch);
  io("commit_no", floor.commit_no);
}

void fields(auto io, Of<Setting> auto& setting) {
  io("key", setting.key);
  io("value", setting.value);
  io("version", setting.version);
}

template <class Row>
Row read(const Item& item, Row row = {}) {
  fields([&](const char* name, auto& member) { get(item, name, member); }, row);
  return row;
}

template <class Row>
Item written(const Row& row) {
  Item item;
  fields([&](const char* name, const auto& member) { set(item, name, member); }, row);
  return item;
}

/// `KIND#TOPIC#CHUNK`, `PARTITION`.
TopicPartition partition_at(const std::string& pk, std::string_view kind, const std::string& sk) {
  return {model::TopicNo(static_cast<std::uint32_t>(number_at(pk, kind.size()))),
          model::PartitionIndex(static_cast<std::int32_t>(number_at(sk, 0)))};
}

}  // namespace

model::TopicId topic_id_of(std::string text) {
  std::erase(text, '-');
  model::TopicId id;
  if (text.size() != kUuidDigits) return id;
  for (std::size_t i = 0; i < id.bytes.size(); ++i)
    std::from_chars(text.data() + 2 * i, text.data() + 2 * i + 2, id.bytes[i], 16);
  return id;
}

std::string session_text(SessionId session) {
  return session == model::kNoSession ? "" : to_string(session);
}

SessionId session_of(const std::string& text) {
  return SessionId(base::parse_hex64(text).value_or(0));
}

DatabaseMs StoredTopic::created_ms(model::PartitionIndex partition) const {
  DatabaseMs at = topic.created_ms;
  for (const Growth& one : growth)
    if (one.first <= partition.value()) at = one.at_ms;
  return at;
}

Result<StoredTopic> topic_of(const Item& item) {
  auto stored = read<StoredTopic>(item);
  SH_TRY(stored.topic.config, from_json(item.text("config")));
  const std::int64_t state = item.number("state");
  stored.is_purged = state == kPurged;
  stored.topic.state = state == 0 ? TopicState::kLive : TopicState::kDeleting;
  const auto growth = numbers_of(item.text("growth"));
  for (std::size_t i = 0; i + 1 < growth.size(); i += 2)
    stored.growth.push_back({static_cast<std::int32_t>(growth[i]), growth[i + 1]});
  return stored;
}

Result<Item> item_of(const StoredTopic& stored) {
  Item item = written(stored);
  SH_TRY(std::string config, to_json(stored.topic.config));
  item.set("config", std::move(config));
  const auto state = static_cast<std::int64_t>(stored.topic.state);
  item.set("state", stored.is_purged ? kPurged : state);
  std::string growth;
  for (const auto& [first, at_ms] : stored.growth) {
    append_number(growth, first);
    append_number(growth, at_ms);
  }
  item.set("growth", std::move(growth));
  return item;
}

NameClaim claim_of(const Item* item) {
  NameClaim claim;
  if (item == nullptr) return claim;
  claim.live = model::TopicNo(static_cast<std::uint32_t>(item->number("live")));
  for (const std::int64_t no : numbers_of(item->text("deleting")))
    claim.deleting.emplace_back(static_cast<std::uint32_t>(no));
  return claim;
}

Item item_of(const NameClaim& claim) {
  std::string deleting;
  for (const model::TopicNo no : claim.deleting) append_number(deleting, no.value());
  return {{"live", std::int64_t{claim.live.value()}}, {"deleting", std::move(deleting)}};
}

TopicPartition key_of_partition(const Item& item) {
  return partition_at(item.text(kPartitionKey), "P#", item.text(kSortKey));
}

Partition partition_of(const StoredTopic& topic, model::PartitionIndex index, const Item* item) {
  const DatabaseMs created = topic.created_ms(index);
  Partition row{.key = {topic.topic.no, index}, .created_ms = created, .updated_ms = created};
  return item ? read(*item, std::move(row)) : row;
}

Item item_of(const Partition& row) { return written(row); }

StoredSession session_of(const Item& item) { return read<StoredSession>(item); }
Item item_of(const StoredSession& stored) { return written(stored); }

StoredRow row_of(const Item& item) {
  auto stored = read<StoredRow>(item);
  stored.row.seq = Seq(number_at(item.text(kSortKey), 0));
  stored.row.kind = kind_of_letter(item.text("kind"));
  return stored;
}

Item item_of(const StoredRow& stored) {
  Item item = written(stored);
  item.set("kind", std::string(kind_letter(stored.row.kind)));
  return item;
}

CheckpointHead CheckpointHead::of(Seq upto_seq, base::BytesView encoded) {
  return {upto_seq, base::crc32c(encoded), static_cast<std::int64_t>(encoded.size())};
}

CheckpointHead checkpoint_head_of(const Item& item) { return read<CheckpointHead>(item); }
Item item_of(const CheckpointHead& head) { return written(head); }

Result<Agent> agent_of(const Item& item) {
  auto agent = read<Agent>(item);
  SH_TRY(agent.info.metadata, from_json(item.text("metadata")));
  return agent;
}

Result<Item> item_of(const Agent& agent) {
  Item item = written(agent);
  SH_TRY(std::string metadata, to_json(agent.info.metadata));
  item.set("metadata", std::move(metadata));
  return item;
}

StoredObject object_of(const Item& item) {
  auto stored = read<StoredObject>(item);
  stored.row.state = item.has("dead") ? ObjectState::kDead : ObjectState::kLive;
  stored.row.dead_ms = item.number("dead");
  return stored;
}

Item item_of(const StoredObject& stored) {
  Item item = written(stored);
  if (stored.row.state == ObjectState::kDead) item.set("dead", stored.row.dead_ms);
  return item;
}

Segment segment_of(const Item& item) {
  auto segment = read<Segment>(item);
  segment.key = partition_at(item.text(kPartitionKey), "SG#", item.text(kSortKey));
  return segment;
}

Item item_of(const Segment& segment) { return written(segment); }

StoredGroup group_of(const Item& item) { return read<StoredGroup>(item); }
Item item_of(const StoredGroup& stored) { return written(stored); }

CommittedOffset offset_of(const Item& item) { return read<CommittedOffset>(item); }

Item item_of(const CommittedOffset& offset, const std::string& incarnation) {
  Item item = written(offset);
  item.set(kIncarnation, incarnation);
  return item;
}

/// `TOPIC#PARTITION`.
StoredGroupFloor group_floor_of(const Item& item) {
  auto floor = read<StoredGroupFloor>(item);
  const std::string place = item.text(kSortKey);
  const std::string partition = place.substr(std::min(place.size(), place.find('#') + 1));
  floor.shard = partition_at(place, "", partition);
  return floor;
}

Item item_of(const StoredGroupFloor& floor) { return written(floor); }

Setting setting_of(const Item& item) { return read<Setting>(item); }
Item item_of(const Setting& setting) { return written(setting); }

}  // namespace streamhouse::metadata::dynamodb
