// Goal: what is stored is read back as it was, and what is missing or of another type is nothing.
// Method: each kind of item there and back, whole, and without each of its attributes in turn.
#include "metadata/dynamodb/items/rows.h"

#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <tuple>

#include "metadata/dynamodb/items/keys.h"

namespace streamhouse::metadata::dynamodb {
namespace {

constexpr SessionId kSession{0xfedcba9876543210};

TEST(DynamodbRowsTest, TopicsComeBackWithTheirGrowth) {
  StoredTopic stored;
  stored.topic = {.no = model::TopicNo(7),
                  .id = {{1, 2, 3}},
                  .name = "orders",
                  .partition_count = 6,
                  .retention_ms = 500,
                  .config = {{"a", "b\"c"}},
                  .version = 3,
                  .state = TopicState::kDeleting,
                  .kind = TopicKind::kInternal,
                  .created_ms = 10,
                  .updated_ms = 30};
  stored.growth = {{.first = 2, .at_ms = 20}, {.first = 4, .at_ms = 30}};
  const auto read = topic_of(*item_of(stored));
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(read->topic, stored.topic);
  EXPECT_FALSE(read->is_purged);
  EXPECT_EQ(read->created_ms(model::PartitionIndex(1)), 10);
  EXPECT_EQ(read->created_ms(model::PartitionIndex(3)), 20);
  EXPECT_EQ(read->created_ms(model::PartitionIndex(5)), 30);
  EXPECT_TRUE(read->has(model::PartitionIndex(5)));
  EXPECT_FALSE(read->has(model::PartitionIndex(6)));
  EXPECT_FALSE(read->has(model::PartitionIndex(-1)));
  stored.is_purged = true;
  stored.topic.retention_ms.reset();
  const auto gone = topic_of(*item_of(stored));
  EXPECT_TRUE(gone->is_purged);
  EXPECT_FALSE(gone->topic.retention_ms.has_value());
  EXPECT_FALSE(gone->has(model::PartitionIndex(0)));
}

TEST(DynamodbRowsTest, NamesAreClaimedByTheLiveAndByDeletedTopics) {
  const NameClaim none = claim_of(nullptr);
  EXPECT_EQ(none.live, model::TopicNo(0));
  EXPECT_TRUE(none.deleting.empty());
  const NameClaim claim{.live = model::TopicNo(9),
                        .deleting = {model::TopicNo(3), model::TopicNo(4'000'000'000)}};
  const Item item = item_of(claim);
  EXPECT_EQ(claim_of(&item).live, claim.live);
  EXPECT_EQ(claim_of(&item).deleting, claim.deleting);
}

TEST(DynamodbRowsTest, APartitionWithoutAnItemIsAsItWasCreated) {
  StoredTopic topic;
  topic.topic = {.no = model::TopicNo(7), .partition_count = 2, .created_ms = 10};
  const Partition fresh = partition_of(topic, model::PartitionIndex(1), nullptr);
  EXPECT_EQ(fresh, (Partition{.key = {model::TopicNo(7), model::PartitionIndex(1)},
                              .created_ms = 10,
                              .updated_ms = 10}));
  Partition led = fresh;
  led.epoch = LeaderEpoch(3);
  led.owner = kSession;
  led.since_seq = Seq(4);
  led.log_start = Offset(5);
  led.high_watermark = Offset(6);
  led.visible_high_watermark = Offset(7);
  led.updated_ms = 8;
  led.acquired_ms = 9;
  const Item item = item_of(led);
  EXPECT_EQ(partition_of(topic, model::PartitionIndex(1), &item), led);
}

TEST(DynamodbRowsTest, SessionsAndRowsComeBack) {
  StoredSession stored;
  stored.session = {.id = kSession,
                    .agent_id = "a",
                    .state = SessionState::kFencing,
                    .trimmed_to = Seq(5),
                    .opened_ms = 6};
  stored.seal = Seq(9);
  stored.trimmed_objects = 1;
  stored.total_bytes = 77;
  const StoredSession read = session_of(item_of(stored));
  EXPECT_EQ(read.session, stored.session);
  EXPECT_EQ(read.seal, stored.seal);
  EXPECT_EQ(read.trimmed_objects, 1);
  EXPECT_EQ(read.total_bytes, 77);
  StoredRow row{.total_objects = 4, .total_bytes = 5};
  row.row = {.seq = Seq(12),
             .kind = RowKind::kRelease,
             .crc = 0xfffffffe,
             .object_size = 3,
             .created_ms = 8};
  Item item = item_of(row);
  item.set(kSortKey, row_key(kSession, Seq(12)).sk);
  EXPECT_EQ(row_of(item).row.seq, Seq(12));
  EXPECT_EQ(row_of(item).row.kind, RowKind::kRelease);
  EXPECT_EQ(row_of(item).row.crc, 0xfffffffeu);
  EXPECT_EQ(row_of(item).total_bytes, 5);
  EXPECT_EQ(session_of("no session"), model::kNoSession);
}

TEST(DynamodbRowsTest, AgentsObjectsAndSegmentsComeBack) {
  const Agent agent{.info = {.agent_id = "a", .address = "h:1", .metadata = {{"k", "v"}}},
                    .session = kSession,
                    .last_heartbeat_ms = 1,
                    .started_ms = 2,
                    .expires_ms = 3};
  const auto read = agent_of(*item_of(agent));
  EXPECT_EQ(read->info, agent.info);
  EXPECT_EQ(read->session, kSession);
  EXPECT_EQ(read->expires_ms, 3);
  StoredObject object{.session = kSession, .segment_count = 2};
  object.row = {.key = "seg/x", .level = 1, .size = 9, .state = ObjectState::kDead, .dead_ms = 4};
  EXPECT_EQ(object_of(item_of(object)).row.dead_ms, 4);
  EXPECT_EQ(object_of(item_of(object)).row.state, ObjectState::kDead);
  object.row.state = ObjectState::kLive;
  EXPECT_EQ(object_of(item_of(object)).row.state, ObjectState::kLive);
  EXPECT_EQ(object_of(item_of(object)).session, kSession);
  Segment segment{.key = {model::TopicNo(1), model::PartitionIndex(2)}, .record_count = 5};
  segment.location = {.offsets = {Offset(5), Offset(10)},
                      .object_key = "seg/x",
                      .position = 1,
                      .length = 2,
                      .object_size = 3,
                      .max_timestamp = -4,
                      .epoch = LeaderEpoch(5),
                      .created_ms = 6};
  EXPECT_EQ(segment_of(item_of(segment)).location, segment.location);
}

TEST(DynamodbRowsTest, GroupsAndOffsetsComeBack) {
  StoredGroup stored{.incarnation = "07"};
  stored.group = {.group_id = "g",
                  .commit_no = 3,
                  .generation = 4,
                  .protocol_type = "consumer",
                  .state = "Stable",
                  .members = base::Bytes(std::string("m")),
                  .created_ms = 5,
                  .updated_ms = 6};
  EXPECT_EQ(group_of(item_of(stored)).group, stored.group);
  EXPECT_EQ(group_of(item_of(stored)).incarnation, "07");
  CommittedOffset offset{.key = {model::TopicNo(1), model::PartitionIndex(2)},
                         .offset = Offset(300),
                         .metadata = "x",
                         .committed_ms = 7};
  EXPECT_EQ(offset_of(item_of(offset, "07")), offset);
}

/// As some other program, or a hand, may have left it.
Item foreign_item() {
  Item item;
  for (const char* name : {"no", "partitions", "version", "state", "created", "epoch", "seq"})
    item.set(name, std::string("text"));
  for (const char* name : {"id", "name", "owner", "config", "growth", "kind", "deleting"})
    item.set(name, std::int64_t{7});
  return item;
}

TEST(DynamodbRowsTest, ItemsThatLackEverythingOrAreForeignAreReadAsNothing) {
  for (const Item& item : {Item(), foreign_item()}) {
    EXPECT_FALSE(topic_of(item).has_value()) << "a config is always there";
    EXPECT_EQ(session_of(item).session.id, model::kNoSession);
    EXPECT_EQ(session_of(item).session.state, SessionState::kLive);
    EXPECT_FALSE(session_of(item).seal.has_value());
    EXPECT_EQ(row_of(item).row.seq, Seq(0));
    EXPECT_FALSE(agent_of(item).has_value());
    EXPECT_EQ(object_of(item).row.state, ObjectState::kLive);
    EXPECT_EQ(segment_of(item).location.offsets.base, Offset(0));
    EXPECT_EQ(group_of(item).group.commit_no, 0);
    EXPECT_EQ(offset_of(item).offset, Offset(0));
    EXPECT_EQ(claim_of(&item).live, model::TopicNo(0));
    const StoredTopic topic{.topic = {.partition_count = 1, .created_ms = 5}};
    const Partition row = partition_of(topic, model::PartitionIndex(0), &item);
    EXPECT_EQ(row.owner, model::kNoSession);
    EXPECT_EQ(row.created_ms, 5);
  }
}

TEST(DynamodbRowsTest, ATopicThatIsPurgedHasNoPartitions) {
  StoredTopic topic{.topic = {.partition_count = 3}};
  EXPECT_TRUE(topic.has(model::PartitionIndex(2)));
  EXPECT_FALSE(topic.has(model::PartitionIndex(3)));
  EXPECT_FALSE(topic.has(model::PartitionIndex(-1)));
  topic.is_purged = true;
  EXPECT_FALSE(topic.has(model::PartitionIndex(0)));
  const auto read = topic_of(*item_of(topic));
  ASSERT_TRUE(read.has_value());
  EXPECT_TRUE(read->is_purged);
  EXPECT_EQ(read->topic.state, TopicState::kDeleting);
}

Value text(const char* value) { return std::string(value); }
Value number(std::int64_t value) { return value; }

/// A kind of row with all its attributes, and how it is read and written again; an empty item if it
/// cannot be read.
struct KindOfRow {
  const char* name;
  Item item;
  std::function<Item(const Item&)> again;
  /// What attributes are taken for that are missing, unless that is 0 or nothing.
  std::map<std::string, std::optional<Value>> defaults = {};
};

const std::optional<Value> kAbsent;

const char* const kSessionText = "fedcba9876543210";

std::vector<KindOfRow> kinds_of_topics() {
  return {
      {"topic",
       {{"no", number(7)},
        {"id", text("01020300-0000-0000-0000-000000000000")},
        {"name", text("orders")},
        {"partitions", number(6)},
        {"retention_ms", number(500)},
        {"config", text(R"({"a":"b"})")},
        {"version", number(3)},
        {"state", number(1)},
        {"kind", number(1)},
        {"created", number(10)},
        {"updated", number(30)},
        {"growth", text("2,20,4,30")}},
       [](const Item& item) {
         const auto topic = topic_of(item);
         return topic ? *item_of(*topic) : Item();
       },
       {{"id", text("00000000-0000-0000-0000-000000000000")}, {"retention_ms", kAbsent}}},
      {"name",
       {{"live", number(4'000'000'000)}, {"deleting", text("3,9")}},
       [](const Item& item) { return item_of(claim_of(&item)); }},
      {"partition",
       {{"epoch", number(3)},
        {"owner", text(kSessionText)},
        {"since", number(4)},
        {"start", number(5)},
        {"high", number(6)},
        {"visible", number(7)},
        {"updated", number(8)},
        {"acquired", number(9)}},
       [](const Item& item) {
         return item_of(partition_of(StoredTopic(), model::PartitionIndex(1), &item));
       }},
  };
}

std::vector<KindOfRow> kinds_of_sessions() {
  return {
      {"session",
       {{"id", text(kSessionText)},
        {"agent", text("a")},
        {"state", number(1)},
        {"trimmed", number(5)},
        {"opened", number(6)},
        {"seal", number(9)},
        {"trimmed_objects", number(1)},
        {"trimmed_bytes", number(2)},
        {"total_objects", number(3)},
        {"total_bytes", number(4)}},
       [](const Item& item) { return item_of(session_of(item)); },
       {{"seal", kAbsent}}},
      {"row",
       {{"kind", text("R")},
        {"crc", number(0xfffffffe)},
        {"size", number(3)},
        {"created", number(8)},
        {"objects", number(4)},
        {"bytes", number(5)}},
       [](const Item& item) { return item_of(row_of(item)); },
       {{"kind", text("O")}}},
      {"checkpoint",
       {{"upto", number(4)}, {"crc", number(0xfffffffe)}, {"size", number(5)}},
       [](const Item& item) { return item_of(checkpoint_head_of(item)); }},
      {"agent",
       {{"id", text("a")},
        {"address", text("h:1")},
        {"zone", text("z")},
        {"group", text("g")},
        {"metadata", text(R"({"k":"v"})")},
        {"session", text(kSessionText)},
        {"heartbeat", number(1)},
        {"started", number(2)},
        {"expires", number(3)}},
       [](const Item& item) {
         const auto agent = agent_of(item);
         return agent ? *item_of(*agent) : Item();
       }},
  };
}

std::vector<KindOfRow> kinds_of_objects() {
  return {
      {"object",
       {{"key", text("seg/x")},
        {"level", number(1)},
        {"size", number(9)},
        {"session", text(kSessionText)},
        {"segments", number(2)},
        {"dead", number(4)}},
       [](const Item& item) { return item_of(object_of(item)); },
       {{"dead", kAbsent}}},
      {"segment",
       {{"base", number(5)},
        {"next", number(10)},
        {"object", text("seg/x")},
        {"position", number(1)},
        {"length", number(0xfffffffe)},
        {"object_size", number(3)},
        {"max_timestamp", number(-4)},
        {"epoch", number(5)},
        {"created", number(6)},
        {"records", number(7)}},
       [](const Item& item) { return item_of(segment_of(item)); }},
  };
}

std::vector<KindOfRow> kinds_of_groups() {
  return {
      {"group",
       {{"id", text("g")},
        {"commit_no", number(3)},
        {"generation", number(4)},
        {"protocol", text("consumer")},
        {"state", text("Stable")},
        {"members", base::Bytes(std::string("m"))},
        {"created", number(5)},
        {"updated", number(6)},
        {"group", text("07")},
        {"shard_epoch", number(9)}},
       [](const Item& item) { return item_of(group_of(item)); }},
      {"offset",
       {{"topic", number(4'000'000'000)},
        {"partition", number(2)},
        {"offset", number(300)},
        {"epoch", number(5)},
        {"metadata", text("x")},
        {"committed", number(7)},
        {"expires", number(9)},
        {"group", text("07")}},
       [](const Item& item) { return item_of(offset_of(item), item.text("group")); },
       {{"expires", kAbsent}}},
      {"floor",
       {{"epoch", number(2)}, {"commit_no", number(8)}},
       [](const Item& item) { return item_of(group_floor_of(item)); }},
      {"setting",
       {{"key", text("k")}, {"value", base::Bytes(std::string("v"))}, {"version", number(2)}},
       [](const Item& item) { return item_of(setting_of(item)); }},
  };
}

std::vector<KindOfRow> kinds() {
  std::vector<KindOfRow> all;
  for (const auto some : {kinds_of_topics, kinds_of_sessions, kinds_of_objects, kinds_of_groups})
    for (const KindOfRow& kind : some()) all.push_back(kind);
  return all;
}

Value nothing_of(const Value& value) {
  if (std::holds_alternative<std::string>(value)) return std::string();
  if (std::holds_alternative<base::Bytes>(value)) return base::Bytes();
  return std::int64_t{0};
}

/// JSON of texts is always there, so without it an item is damaged.
bool is_json(const std::string& name, const KindOfRow& kind) {
  return name == "config" || (name == "metadata" && kind.item.text(name).starts_with("{"));
}

TEST(DynamodbRowsTest, EveryAttributeComesBackAsItWas) {
  for (const KindOfRow& kind : kinds())
    EXPECT_TRUE(kind.again(kind.item) == kind.item) << kind.name;
}

TEST(DynamodbRowsTest, WithoutAnAttributeTheOthersStayAsTheyWere) {
  for (const KindOfRow& kind : kinds()) {
    for (const auto& [name, value] : kind.item.values()) {
      Item less = kind.item;
      less.erase(name);
      const auto known = kind.defaults.find(name);
      Item expected = less;
      if (known == kind.defaults.end())
        expected.set(name, nothing_of(value));
      else if (known->second)
        expected.set(name, *known->second);
      if (is_json(name, kind)) expected = Item();
      EXPECT_TRUE(kind.again(less) == expected) << kind.name << " without " << name;
    }
  }
}

TEST(DynamodbRowsTest, AnAttributeOfAnotherTypeIsNothingAndTheOthersStay) {
  for (const KindOfRow& kind : kinds()) {
    for (const auto& [name, value] : kind.item.values()) {
      Item other = kind.item;
      const bool is_number = std::holds_alternative<std::int64_t>(value);
      other.set(name, is_number ? text("12") : number(12));
      const auto known = kind.defaults.find(name);
      const bool has_default = known != kind.defaults.end() && known->second;
      Item expected = kind.item;
      expected.set(name, has_default ? *known->second : nothing_of(value));
      if (is_json(name, kind)) expected = Item();
      EXPECT_TRUE(kind.again(other) == expected) << kind.name << " with another " << name;
    }
  }
}

TEST(DynamodbRowsTest, RowsThatStandByTheirKeyAreNamedByIt) {
  Item segment;
  segment.set(kPartitionKey, std::string("SG#4000000000#0001"));
  segment.set(kSortKey, std::string("000300#00000000000000000010#seg/x"));
  EXPECT_EQ(segment_of(segment).key,
            (TopicPartition{model::TopicNo(4'000'000'000), model::PartitionIndex(300)}));
  Item partition;
  partition.set(kPartitionKey, std::string("P#0000000007#0001"));
  partition.set(kSortKey, std::string("000257"));
  EXPECT_EQ(key_of_partition(partition),
            (TopicPartition{model::TopicNo(7), model::PartitionIndex(257)}));
  for (const auto& [place, topic, index] : {std::tuple("0000000007#000257", 7u, 257),
                                            {"0000000007#", 7u, 0},
                                            {"", 0u, 0},
                                            {"x#y", 0u, 0}}) {
    Item floor;
    floor.set(kSortKey, std::string(place));
    EXPECT_EQ(group_floor_of(floor).shard,
              (TopicPartition{model::TopicNo(topic), model::PartitionIndex(index)}))
        << place;
  }
}

TEST(DynamodbRowsTest, GrowthThatIsNotInPairsIsReadAsFarAsItIs) {
  for (const auto& [growth, pairs] : {std::pair("", 0u),
                                      {"2", 0u},
                                      {"2,20", 1u},
                                      {"2,20,", 1u},
                                      {"2,20,4", 1u},
                                      {"2,20,4,30", 2u},
                                      {"a,b", 1u}}) {
    Item item = kinds().front().item;
    item.set("growth", std::string(growth));
    EXPECT_EQ(topic_of(item)->growth.size(), pairs) << growth;
  }
}

TEST(DynamodbRowsTest, TextsThatAreNoJsonAreDamageAndThoseThatAreNotUtf8AreRefused) {
  for (const char* config : {"", "{", "[]", "null", R"({"a":1})", R"({"a":null})"}) {
    Item item = kinds().front().item;
    item.set("config", std::string(config));
    EXPECT_EQ(topic_of(item).error().code, base::Errc::kCorrupt) << config;
    EXPECT_EQ(agent_of(Item{{"metadata", text(config)}}).error().code, base::Errc::kCorrupt);
  }
  EXPECT_EQ(item_of(StoredTopic{.topic = {.config = {{"k", "\xff"}}}}).error().code,
            base::Errc::kInvalid);
  EXPECT_EQ(item_of(Agent{.info = {.metadata = {{"\xff", "v"}}}}).error().code,
            base::Errc::kInvalid);
}

TEST(DynamodbRowsTest, SessionsAndTopicIdsAreReadFromNoOtherTexts) {
  EXPECT_EQ(session_of(std::string("00000000000000ff")), SessionId(255));
  for (const char* other : {"", "ff", "00000000000000fg", "00000000000000ff0", " 0000000000000ff"})
    EXPECT_EQ(session_of(std::string(other)), model::kNoSession) << other;
  EXPECT_EQ(session_text(model::kNoSession), "") << "a partition without an owner";
  const model::TopicId id{{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 255}};
  EXPECT_EQ(topic_id_of(to_string(id)), id);
  for (const char* other : {"", "0102", "01020304-0506-0708-090a-0b0c0d0e0fff00"})
    EXPECT_EQ(topic_id_of(other), model::TopicId()) << other;
}

}  // namespace
}  // namespace streamhouse::metadata::dynamodb
