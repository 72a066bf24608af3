// Goal: rows that were imported are found by the operations that would have written them, and those
// go on from there. Method: an import of a few rows of each kind, then the operations one by one.
#include "tests/contract/metadata_store_contract.h"

namespace streamhouse::metadata::contract {
namespace {

constexpr TopicPartition kOrders{model::TopicNo(7), model::PartitionIndex(0)};
constexpr TopicPartition kShard{model::TopicNo(8), model::PartitionIndex(0)};
const std::string kObject = "seg/one";

Topic topic(TopicPartition key, const std::string& name, TopicState state = TopicState::kLive) {
  return {.no = key.topic,
          .id = topic_id(key.topic.value()),
          .name = name,
          .partition_count = 1,
          .retention_ms = 5'000,
          .config = {{"a", "1"}, {"b", ""}},
          .version = 4,
          .state = state,
          .created_ms = 10,
          .updated_ms = 20};
}

Partition row_of(TopicPartition key) {
  return {.key = key,
          .epoch = LeaderEpoch(5),
          .log_start = Offset(10),
          .high_watermark = Offset(40),
          .visible_high_watermark = Offset(40),
          .created_ms = 10,
          .updated_ms = 20};
}

Segment segment_of(std::int64_t base, std::int64_t next) {
  return {.key = kOrders,
          .location = {.offsets = {Offset(base), Offset(next)},
                       .object_key = kObject,
                       .position = 64,
                       .length = 100,
                       .object_size = 500,
                       .max_timestamp = 9,
                       .epoch = LeaderEpoch(2),
                       .created_ms = 11},
          .record_count = next - base};
}

/// A recovered session whose commits were replaced by two segments of one object, a group, and an
/// object that waits for its removal.
std::vector<ArchiveRow> some_rows() {
  const CommittedOffset offset{.key = kOrders,
                               .offset = Offset(25),
                               .metadata = std::string("a\0note", 6),
                               .committed_ms = 12};
  return {
      topic(kOrders, "orders"),
      topic(kShard, "shards"),
      row_of(kOrders),
      row_of(kShard),
      Session{.id = kFirst,
              .agent_id = "earlier",
              .state = SessionState::kRecovered,
              .trimmed_to = Seq(3),
              .opened_ms = 9},
      SessionLogRow{kFirst, {.seq = Seq(0), .created_ms = 9}},
      SessionLogRow{kFirst, {.seq = Seq(4), .kind = RowKind::kSeal, .created_ms = 13}},
      StoredObject{
          {.key = "0a/gone", .size = 70, .state = ObjectState::kDead, .dead_ms = 50}, kFirst, 0},
      StoredObject{{.key = kObject, .level = 1, .size = 500}, kFirst, 2},
      segment_of(10, 25),
      segment_of(25, 40),
      Group{.group_id = "readers", .commit_no = 6, .state = "Empty", .created_ms = 9},
      StoredOffset{"readers", offset},
      StoredGroupFloor{kShard, LeaderEpoch(6), 9},
      Setting{.key = "note", .value = base::Bytes(std::string("kept")), .version = 3}};
}

void import_rows(MetadataStoreContract& test) {
  const ClusterRow cluster{.cluster = {.cluster_id = topic_id(5), .created_ms = 1},
                           .topic_no_latest = model::TopicNo(8),
                           .producer_id_next = model::ProducerId(0)};
  test.must(test.store().begin_import(cluster, "a"));
  test.must(test.store().insert_rows(some_rows()));
  test.must(test.store().delete_setting(kImportMark, 1));
}

TEST_P(MetadataStoreContract, AnImportedTopicIsChangedFromItsVersionOn) {
  import_rows(*this);
  EXPECT_EQ(must(store().get_topic("orders")), topic(kOrders, "orders"));
  TopicChange change{.config = {{"a", std::nullopt}}, .expected_version = 4};
  EXPECT_EQ(must(store().update_topic_config("orders", change)).version, 5);
  EXPECT_EQ(outcome(store().create_topic(new_topic("orders"))), "topic_exists");
  must(store().purge_topic(delete_topic("orders").no));
  EXPECT_EQ(outcome(store().get_partition(kOrders)), "partition_not_found");
}

TEST_P(MetadataStoreContract, AnImportedPartitionIsLedUnderTheNextEpoch) {
  import_rows(*this);
  open(kSecond);
  const Partition led = lead(kSecond, kOrders);
  EXPECT_EQ(led.epoch, LeaderEpoch(6));
  EXPECT_EQ(led.high_watermark, Offset(40));
  append(kSecond, 1, commit({span(kOrders, 40, 50, 6)}));
  EXPECT_EQ(spans(kOrders), "[10,25) [25,40) [40,50)");
}

TEST_P(MetadataStoreContract, ImportedSegmentsAreFoundAndForgottenWithTheirObject) {
  import_rows(*this);
  const SpanLocation found = must(store().find_segment(kOrders, Offset(24)));
  EXPECT_EQ(found.object_key, kObject);
  EXPECT_EQ(found.offsets, (model::OffsetRange{Offset(10), Offset(25)}));
  open(kSecond);
  const Partition led = lead(kSecond, kOrders);
  must(store().advance_log_start(kOrders, kSecond, led.epoch, Offset(40)));
  EXPECT_EQ(must(store().delete_segments_before(kOrders, Offset(25), 10)), 1u);
  EXPECT_EQ(must(store().named_objects(kFirst)).live, std::vector<std::string>{kObject})
      << "it has another segment";
  EXPECT_EQ(must(store().delete_segments_before(kOrders, Offset(40), 10)), 1u);
  EXPECT_TRUE(must(store().named_objects(kFirst)).live.empty());
}

TEST_P(MetadataStoreContract, AnImportedDeadObjectKeepsItsGrace) {
  import_rows(*this);
  EXPECT_TRUE(must(store().list_dead(50, 10)).empty());
  const auto dead = must(store().list_dead(51, 10));
  ASSERT_EQ(dead.size(), 1u);
  EXPECT_EQ(dead[0].key, "0a/gone");
  must(store().forget_objects({"0a/gone"}));
  EXPECT_TRUE(must(store().list_dead(51, 10)).empty());
}

TEST_P(MetadataStoreContract, AnImportedSessionStaysSealed) {
  import_rows(*this);
  EXPECT_TRUE(must(store().list_due_sessions(std::nullopt)).empty());
  EXPECT_EQ(must(store().named_objects(kFirst)).seal, Seq(4));
  EXPECT_EQ(outcome(store().append(kFirst, Seq(5), any_commit())), "fenced");
}

TEST_P(MetadataStoreContract, AnImportedGroupGoesOnFromItsCommitNumber) {
  import_rows(*this);
  const LoadedGroup group = must(store().load_group("readers"));
  ASSERT_EQ(group.offsets.size(), 1u);
  EXPECT_EQ(group.offsets[0].offset, Offset(25));
  EXPECT_EQ(group.offsets[0].metadata, std::string("a\0note", 6));
  open(kSecond);
  const Partition shard = lead(kSecond, kShard);
  const ShardGuard guard{.shard = kShard, .owner = kSecond, .epoch = shard.epoch};
  const std::vector<CommittedOffset> offsets{{.key = kOrders, .offset = Offset(30)}};
  EXPECT_EQ(outcome(store().commit_offsets(guard, "readers", 8, offsets)), "conflict");
  EXPECT_EQ(outcome(store().commit_offsets(guard, "readers", 7, offsets)), "ok");
}

TEST_P(MetadataStoreContract, AnImportedSettingKeepsItsVersion) {
  import_rows(*this);
  const Setting note = must(store().get_setting("note"));
  EXPECT_EQ(note.version, 3);
  EXPECT_EQ(base::to_string(note.value), "kept");
  const base::Bytes changed(std::string("changed"));
  EXPECT_EQ(outcome(store().put_setting("note", changed, 2)), "conflict");
  EXPECT_EQ(must(store().put_setting("note", changed, 3)).version, 4);
}

}  // namespace
}  // namespace streamhouse::metadata::contract
