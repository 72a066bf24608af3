// Goal: the table holds what docs/dynamodb.md says, so that it can be read by hand, and an
// operation writes no more items than is said there. Method: operations on the real server that
// scripts/with_dynamodb starts, then the items themselves.
#include <gmock/gmock.h>

#include "metadata/dynamodb/driver/transaction.h"
#include "metadata/dynamodb/items/keys.h"
#include "segment/object_key.h"
#include "tests/contract/metadata_store_contract.h"
#include "tests/metadata/dynamodb_process.h"

namespace streamhouse::metadata::contract {
namespace {

using dynamodb::Item;
using dynamodb::Range;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr DatabaseMs kNow = 1'700'000'000'000;

class DynamodbLayoutTest : public ::testing::Test {
 protected:
  DynamodbLayoutTest() { tests::prepare(runtime_, table_, topic_id(99)); }

  template <class T>
  T must(Task<Result<T>> task) {
    Result<T> result = runtime::run_task(runtime_, std::move(task));
    if (!result) throw std::runtime_error(to_string(result.error()));
    if constexpr (!std::is_void_v<T>) return *std::move(result);
  }
  Item item(const std::string& pk, const std::string& sk) {
    auto found = must(table_.get({pk, sk}));
    EXPECT_TRUE(found.has_value()) << pk << " " << sk;
    return found.value_or(Item());
  }
  std::vector<std::string> sort_keys(const std::string& pk) {
    std::vector<std::string> keys;
    for (const Item& one : must(table_.query(Range::whole(pk))))
      keys.push_back(one.text(dynamodb::kSortKey));
    return keys;
  }
  /// Attributes but for the key and the revision.
  static std::set<std::string> names(const Item& item) {
    std::set<std::string> list;
    for (const auto& [name, value] : item.values()) list.insert(name);
    for (const char* own : {dynamodb::kPartitionKey, dynamodb::kSortKey, dynamodb::kRevision})
      EXPECT_EQ(list.erase(own), 1u) << own;
    return list;
  }
  /// Items that a call puts and removes.
  template <class T>
  std::uint64_t cost(Task<Result<T>> task) {
    const std::uint64_t before = store_.rows_written();
    must(std::move(task));
    return store_.rows_written() - before;
  }
  Topic lead(std::int32_t partitions) {
    Topic topic = must(store_.create_topic(new_topic("orders", partitions)));
    must(store_.open_session(
        {.id = kFirst, .agent = {.agent_id = "agent", .address = "h:1"}, .timeout_ms = 500}));
    std::vector<AcquireRequest> requests;
    for (std::int32_t i = 0; i < partitions; ++i)
      requests.push_back({.key = key_of(topic, i), .since_seq = Seq(1)});
    must(store_.acquire_leases(kFirst, requests));
    return topic;
  }

  runtime::AsioRuntime runtime_;
  tests::DynamodbProcess process_{runtime_};
  dynamodb::Table table_{process_.client, tests::new_table_name(), dynamodb::Access::kReadWrite,
                         [] { return kNow; }};
  DynamodbMetadataStore store_{table_};
};

const std::string kSessionText = "0123456789abcdef";

TEST_F(DynamodbLayoutTest, ATopicHasItsItemItsNameAndItsId) {
  NewTopic wanted = new_topic("orders", 3);
  wanted.retention_ms = 60'000;
  wanted.config = {{"cleanup.policy", "delete"}};
  const Topic topic = must(store_.create_topic(wanted));
  EXPECT_THAT(sort_keys("T"), ElementsAre("0000000001"));
  const Item row = item("T", "0000000001");
  EXPECT_EQ(names(row),
            (std::set<std::string>{"no", "id", "name", "partitions", "retention_ms", "config",
                                   "version", "state", "kind", "created", "updated", "growth"}));
  EXPECT_EQ(row.number("no"), 1);
  EXPECT_EQ(row.text("id"), to_string(topic.id));
  EXPECT_EQ(row.text("name"), "orders");
  EXPECT_EQ(row.number("partitions"), 3);
  EXPECT_EQ(row.number("retention_ms"), 60'000);
  EXPECT_EQ(row.text("config"), R"({"cleanup.policy":"delete"})");
  EXPECT_EQ(row.number("state"), 0);
  EXPECT_EQ(row.number("created"), kNow);
  EXPECT_EQ(item("N#orders", "A").number("live"), 1);
  EXPECT_EQ(item("I#" + to_string(topic.id), "A").number("no"), 1);
  EXPECT_EQ(item("K", "topic_no").number("value"), 1);
  EXPECT_THAT(sort_keys("P#0000000001#0000"), IsEmpty()) << "nobody has led a partition yet";
  must(store_.create_partitions("orders", 5));
  EXPECT_EQ(item("T", "0000000001").text("growth"), "3," + std::to_string(kNow));
  must(store_.delete_topic(topic.id));
  EXPECT_EQ(item("T", "0000000001").number("state"), 1);
  EXPECT_EQ(item("N#orders", "A").number("live"), 0);
  EXPECT_EQ(item("N#orders", "A").text("deleting"), "1");
  must(store_.purge_topic(topic.no));
  EXPECT_THAT(sort_keys("T"), IsEmpty());
  EXPECT_THAT(sort_keys("N#orders"), IsEmpty());
  EXPECT_THAT(sort_keys("I#" + to_string(topic.id)), IsEmpty());
}

TEST_F(DynamodbLayoutTest, APartitionHasAnItemOnceItWasLed) {
  const Topic topic = lead(300);
  EXPECT_EQ(sort_keys("P#0000000001#0000").size(), 256u);
  EXPECT_EQ(sort_keys("P#0000000001#0001").size(), 44u);
  const Item led = item("P#0000000001#0001", "000257");
  EXPECT_EQ(names(led), (std::set<std::string>{"epoch", "owner", "since", "start", "high",
                                               "visible", "updated", "acquired"}));
  EXPECT_EQ(led.number("epoch"), 1);
  EXPECT_EQ(led.text("owner"), kSessionText);
  EXPECT_EQ(led.number("since"), 1);
  EXPECT_EQ(led.number("acquired"), kNow);
  EXPECT_THAT(sort_keys("W#" + kSessionText), ElementsAre("0000000001#0000", "0000000001#0001"));
  auto entry_of_it = entry(key_of(topic, 257), 1, 40, 7);
  must(store_.append(kFirst, Seq(1), release({entry_of_it})));
  const Item freed = item("P#0000000001#0001", "000257");
  EXPECT_EQ(freed.text("owner"), "");
  EXPECT_EQ(freed.number("epoch"), 2);
  EXPECT_EQ(freed.number("high"), 40);
  EXPECT_EQ(freed.number("start"), 7);
  EXPECT_EQ(freed.bytes("producers"), entry_of_it.producers);
}

TEST_F(DynamodbLayoutTest, ASessionHasItsItemItsMarkItsLogAndAHeartbeatRow) {
  const Topic topic = lead(1);
  const Item session = item("S", kSessionText);
  EXPECT_EQ(session.text("id"), kSessionText);
  EXPECT_EQ(session.text("agent"), "agent");
  EXPECT_EQ(session.number("state"), 0);
  EXPECT_FALSE(session.has("seal"));
  EXPECT_EQ(item("U", kSessionText).text("agent"), "agent");
  const Item agent = item("A", "=agent");
  EXPECT_EQ(names(agent), (std::set<std::string>{"id", "address", "zone", "group", "metadata",
                                                 "session", "heartbeat", "started", "expires"}));
  EXPECT_EQ(agent.text("session"), kSessionText);
  EXPECT_EQ(agent.number("expires"), kNow + 500);
  const CommitEntry first = commit({span(key_of(topic), 0, 5)});
  must(store_.append(kFirst, Seq(1), first));
  must(store_.append(kFirst, Seq(2), any_commit()));
  EXPECT_THAT(sort_keys("L#" + kSessionText),
              ElementsAre("00000000000000000000", "00000000000000000001", "00000000000000000002"));
  const Item row = item("L#" + kSessionText, "00000000000000000001");
  EXPECT_EQ(names(row), (std::set<std::string>{"kind", "crc", "size", "created", "payload",
                                               "objects", "bytes"}));
  EXPECT_EQ(row.text("kind"), "C");
  EXPECT_EQ(row.number("crc"), first.object_crc);
  EXPECT_EQ(row.number("size"), static_cast<std::int64_t>(first.object_size));
  EXPECT_EQ(row.bytes("payload"), first.spans);
  EXPECT_EQ(item("L#" + kSessionText, "00000000000000000002").number("objects"), 2);
  must(store_.seal_session(kFirst));
  EXPECT_EQ(item("L#" + kSessionText, "00000000000000000003").text("kind"), "S");
  EXPECT_EQ(item("S", kSessionText).number("seal"), 3);
  EXPECT_EQ(item("S", kSessionText).number("state"), 1);
  must(store_.recover_partitions(kFirst, {entry(key_of(topic), 1, 5)}));
  must(store_.finish_recovery(kFirst));
  EXPECT_EQ(item("S", kSessionText).number("state"), 2);
  EXPECT_THAT(sort_keys("U"), IsEmpty());
  EXPECT_THAT(sort_keys("W#" + kSessionText), IsEmpty());
}

TEST_F(DynamodbLayoutTest, ACheckpointIsOneItemThatTheNextReplaces) {
  const Topic topic = lead(2);
  must(store_.append(kFirst, Seq(1), any_commit()));
  const segment::CheckpointTable table = {entry(key_of(topic), 1, 9)};
  must(store_.checkpoint(kFirst, Seq(0), {}));
  must(store_.checkpoint(kFirst, Seq(1), table));
  EXPECT_THAT(sort_keys("C#" + kSessionText), ElementsAre("H"));
  const Item head = item("C#" + kSessionText, "H");
  EXPECT_EQ(names(head), (std::set<std::string>{"upto", "crc", "size", "payload", "visible"}));
  EXPECT_EQ(head.number("upto"), 1);
  EXPECT_EQ(head.bytes("payload"), base::Bytes(segment::encode_checkpoint(table)));
  EXPECT_EQ(item("P#0000000001#0000", "000000").number("visible"), 0) << "the checkpoint has it";
  EXPECT_EQ(must(store_.get_partition(key_of(topic))).visible_high_watermark, Offset(9));
}

TEST_F(DynamodbLayoutTest, LiveAndDeadObjectsStandApartAndSegmentsByTheirEnds) {
  const Topic topic = lead(1);
  must(store_.append(kFirst, Seq(1), commit({span(key_of(topic), 0, 5)})));
  must(store_.append(kFirst, Seq(2), any_commit()));
  must(store_.checkpoint(kFirst, Seq(2), {}));
  Segment segment{.key = key_of(topic), .record_count = 5};
  segment.location = {.offsets = {Offset(0), Offset(5)}, .object_key = "seg/one", .length = 9};
  must(store_.replace_objects({.compactor = kFirst,
                               .log = kFirst,
                               .upto_seq = Seq(1),
                               .inputs = {Seq(1)},
                               .objects = {{.key = "seg/one", .level = 1, .size = 50}},
                               .segments = {segment}}));
  const std::string flushed = segment::object_key(kFirst, Seq(1));
  EXPECT_THAT(sort_keys("OL"), ElementsAre("=seg/one"));
  EXPECT_THAT(sort_keys("OD"), ElementsAre("=" + flushed));
  EXPECT_EQ(item("OL", "=seg/one").number("segments"), 1);
  EXPECT_EQ(item("OL", "=seg/one").text("session"), kSessionText);
  EXPECT_EQ(item("OD", "=" + flushed).number("dead"), kNow);
  EXPECT_THAT(sort_keys("SG#0000000001#0000"), ElementsAre("000000#00000000000000000005#seg/one"));
  EXPECT_EQ(item("S", kSessionText).number("trimmed"), 1);
  EXPECT_EQ(item("K", "objects").number("live_compacted"), 1);
  EXPECT_EQ(item("K", "objects").number("dead_flushed"), 1);
  must(store_.advance_log_start(key_of(topic), kFirst, LeaderEpoch(1), Offset(5)));
  must(store_.delete_segments_before(key_of(topic), Offset(5), 10));
  EXPECT_THAT(sort_keys("SG#0000000001#0000"), IsEmpty());
  EXPECT_THAT(sort_keys("OL"), IsEmpty());
  EXPECT_EQ(sort_keys("OD").size(), 2u);
  must(store_.forget_objects({"seg/one", flushed}));
  EXPECT_THAT(sort_keys("OD"), IsEmpty());
  EXPECT_EQ(item("K", "objects").number("dead_compacted"), 0);
}

TEST_F(DynamodbLayoutTest, AGroupHasItsItemItsOffsetsAndAPlaceInTheList) {
  const Topic topic = lead(2);
  const ShardGuard guard{.shard = key_of(topic), .owner = kFirst, .epoch = LeaderEpoch(1)};
  must(store_.commit_offsets(guard, "billing", 1,
                             {{.key = key_of(topic, 1), .offset = Offset(7), .metadata = "m"}}));
  EXPECT_THAT(sort_keys("GL"), ElementsAre("=billing"));
  EXPECT_THAT(sort_keys("G#billing"), ElementsAre("M", "O#0000000001#000001"));
  const Item group = item("G#billing", "M");
  EXPECT_EQ(group.number("commit_no"), 1);
  EXPECT_EQ(group.text("state"), "Empty");
  const Item offset = item("G#billing", "O#0000000001#000001");
  EXPECT_EQ(names(offset), (std::set<std::string>{"topic", "partition", "offset", "epoch",
                                                  "metadata", "committed", "group"}));
  EXPECT_EQ(offset.number("offset"), 7);
  EXPECT_EQ(offset.text("group"), group.text("group"));
  must(store_.delete_group(guard, "billing", 2));
  EXPECT_THAT(sort_keys("GL"), IsEmpty());
  EXPECT_THAT(sort_keys("G#billing"), IsEmpty());
  EXPECT_EQ(item("F", "0000000001#000000").number("commit_no"), 2);
}

TEST_F(DynamodbLayoutTest, TheRestHasKeysThatSayWhatItIs) {
  EXPECT_EQ(item("K", "cluster").text("id"), to_string(topic_id(99)));
  EXPECT_EQ(item("K", "cluster").number("schema"), 1);
  must(store_.put_setting("acl/one", base::Bytes(std::string("yes")), 0));
  EXPECT_EQ(item("V", "=acl/one").bytes("value"), base::Bytes(std::string("yes")));
  EXPECT_EQ(item("V", "=acl/one").number("version"), 1);
  must(store_.allocate_producer_ids(1'000));
  EXPECT_EQ(item("K", "producer_id").number("value"), 1'000);
  lead(2);
  EXPECT_THAT(sort_keys("X"), ElementsAre("00000000000000000001", "00000000000000000002",
                                          "00000000000000000003", "head"));
  EXPECT_EQ(item("X", "head").number("latest"), 4);
  EXPECT_EQ(item("X", "head").number("oldest"), 1);
  EXPECT_EQ(item("X", "00000000000000000001").text("changes"), "0:1:1");
  EXPECT_EQ(item("X", "00000000000000000003").text("changes"), "1:3:1/01:3:1/1")
      << "both leases at once";
}

TEST_F(DynamodbLayoutTest, OperationsWriteFewItems) {
  EXPECT_EQ(cost(store_.create_topic(new_topic("wide", 10'000))), 6u) << "however wide";
  NewSession session{.id = kFirst, .agent = {.agent_id = "a"}, .timeout_ms = 500};
  EXPECT_EQ(cost(store_.open_session(session)), 6u);
  EXPECT_EQ(cost(store_.heartbeat(kFirst, 500, ListOwned::kNo)), 1u);
  EXPECT_EQ(cost(store_.append(kFirst, Seq(1), any_commit())), 1u);
  EXPECT_EQ(cost(store_.append(kFirst, Seq(1), any_commit())), 0u) << "a repeat";
  EXPECT_EQ(cost(store_.append(kFirst, Seq(2), any_commit())), 1u);
  EXPECT_EQ(cost(store_.checkpoint(kFirst, Seq(2), {})), 1u);
  const Topic topic = must(store_.get_topic("wide"));
  std::vector<AcquireRequest> requests;
  for (std::int32_t i = 0; i < 80; ++i)
    requests.push_back({.key = key_of(topic, i), .since_seq = Seq(1)});
  EXPECT_EQ(cost(store_.acquire_leases(kFirst, requests)), 83u)
      << "80 partitions, a mark, the feed's head and its item";
  EXPECT_EQ(cost(store_.acquire_leases(kFirst, requests)), 0u) << "a repeat";
  segment::CheckpointTable table;
  for (std::int32_t i = 0; i < 80; ++i) table.push_back(entry(key_of(topic, i), 1, i));
  EXPECT_EQ(cost(store_.append(kFirst, Seq(3), release(table))), 83u);
  EXPECT_EQ(cost(store_.list_free_partitions(1'000)), 0u);
  EXPECT_EQ(cost(store_.put_setting("k", {}, 0)), 1u);
}

TEST_F(DynamodbLayoutTest, ALateCopyIsVoidAlsoWhereRowsAreLeftOver) {
  lead(1);
  for (int seq = 1; seq <= 3; ++seq) must(store_.append(kFirst, Seq(seq), any_commit()));
  must(store_.checkpoint(kFirst, Seq(3), {}));
  const Item first = item("L#" + kSessionText, "00000000000000000001");
  EXPECT_EQ(must(store_.trim(kFirst, Seq(1))), Seq(1));
  // As if the agent had died before it removed the void row.
  must(table_.put({.key = dynamodb::row_key(kFirst, Seq(1)), .item = first}));
  EXPECT_EQ(must(store_.tail(kFirst, Seq(0), 10)).size(), 2u);
  EXPECT_THAT(must(store_.named_objects(kFirst)).commits, ElementsAre(Seq(2), Seq(3)));
  EXPECT_EQ(must(store_.list_dead(kNow + 1, 10)).size(), 1u);
  EXPECT_EQ(must(store_.trim(kFirst, Seq(2))), Seq(2));
  EXPECT_THAT(sort_keys("L#" + kSessionText),
              ElementsAre("00000000000000000000", "00000000000000000003"));
  EXPECT_EQ(must(store_.list_dead(kNow + 1, 10)).size(), 2u);
}

TEST_F(DynamodbLayoutTest, WhatIsLargeStandsInChunksThatItsItemNames) {
  const Topic topic = lead(1);
  auto large = entry(key_of(topic), 1, 40);
  large.producers = base::Bytes(base::ByteVector(3'000, 7));
  must(store_.append(kFirst, Seq(1), any_commit()));
  must(store_.checkpoint(kFirst, Seq(1), {large}));
  const Item head = item("C#" + kSessionText, "H");
  const std::string named = head.text("payload");
  EXPECT_TRUE(named.starts_with("C00000000000000000001#")) << named;
  EXPECT_EQ(head.number("payload_size"), head.number("size"));
  EXPECT_THAT(sort_keys("B#" + kSessionText), ElementsAre(named + "00000000000000000001"));
  must(store_.append(kFirst, Seq(2), release({large})));
  const Item freed = item("P#0000000001#0000", "000000");
  EXPECT_EQ(freed.number("producers_size"), 3'000);
  const std::string chunks = freed.text("producers");
  EXPECT_TRUE(chunks.starts_with("000000#00000000000000000002#")) << chunks;
  EXPECT_THAT(sort_keys("PB#0000000001#0000"), ElementsAre(chunks + "00000000000000000001"));
  EXPECT_EQ(item("PB#0000000001#0000", chunks + "00000000000000000001").bytes("data"),
            large.producers);
  const Item row = item("L#" + kSessionText, "00000000000000000002");
  EXPECT_FALSE(row.has("payload_size")) << "a row holds far more itself";
  EXPECT_EQ(row.text("kind"), "R");
}

TEST_F(DynamodbLayoutTest, ChunksGoWithWhatNamedThem) {
  const Topic topic = lead(1);
  auto large = entry(key_of(topic), 1, 40);
  large.producers = base::Bytes(base::ByteVector(3'000, 7));
  must(store_.append(kFirst, Seq(1), release({large})));
  EXPECT_EQ(sort_keys("PB#0000000001#0000").size(), 1u);
  must(store_.acquire_leases(
      kFirst, {{.key = key_of(topic), .expected_epoch = LeaderEpoch(2), .since_seq = Seq(2)}}));
  EXPECT_EQ(sort_keys("PB#0000000001#0000").size(), 1u) << "the leader reads it";
  must(store_.append(kFirst, Seq(2), release({entry(key_of(topic), 3, 50)})));
  EXPECT_THAT(sort_keys("PB#0000000001#0000"), IsEmpty());
  must(store_.checkpoint(kFirst, Seq(2), {large}));
  EXPECT_EQ(sort_keys("B#" + kSessionText).size(), 1u);
  must(store_.seal_session(kFirst));
  must(store_.finish_recovery(kFirst));
  EXPECT_THAT(sort_keys("B#" + kSessionText), IsEmpty());
  EXPECT_THAT(sort_keys("C#" + kSessionText), IsEmpty());
}

TEST_F(DynamodbLayoutTest, NamesOfUsersMayHoldWhatKeysAreMadeOf) {
  const Topic topic = lead(1);
  const ShardGuard guard{.shard = key_of(topic), .owner = kFirst, .epoch = LeaderEpoch(1)};
  for (const std::string name : {"a", "a#O#", "=a", "A", "#", "M"}) {
    must(store_.commit_offsets(guard, name, 1, {{.key = key_of(topic), .offset = Offset(1)}}));
    must(store_.put_setting(name, base::Bytes(std::string(name)), 0));
  }
  std::vector<std::string> ids;
  for (const Group& group : must(store_.list_groups("", 100))) ids.push_back(group.group_id);
  EXPECT_THAT(ids, ElementsAre("#", "=a", "A", "M", "a", "a#O#")) << "in the order of bytes";
  must(store_.delete_group(guard, "a", 2));
  EXPECT_EQ(must(store_.load_group("a#O#")).offsets.size(), 1u);
  EXPECT_EQ(must(store_.list_settings("a")).size(), 2u);
  EXPECT_EQ(base::to_string(must(store_.get_setting("=a")).value), "=a");
}

}  // namespace
}  // namespace streamhouse::metadata::contract
