// Goal: fsck names each invariant that is broken, and where; finds nothing in what is whole, also
// while it changes; and never holds a whole object. Method: a log written by hand over the
// in-memory stores, damaged in one place; all findings are compared.

#include "tests/upkeep/fsck_world.h"

namespace streamhouse::upkeep {
namespace {

using base::Errc;
using metadata::RowKind;
using model::LeaderEpoch;
using model::Offset;
using model::Seq;
using testing::AllOf;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;
using upkeep_testing::is_at;
using upkeep_testing::is_named;
using upkeep_testing::is_of;
using upkeep_testing::MeddlingStore;

class FsckTest : public upkeep_testing::FsckWorld {
 protected:
  /// Three objects: partition 0 holds [0, 7), partition 1 holds [0, 3).
  void SetUp() override {
    FsckWorld::SetUp();
    lease_topic(2);
    commit(1, {{.partition = 0, .base = 0, .batches = 3}, {.partition = 1, .batches = 2}});
    commit(2, {{.partition = 0, .base = 3, .batches = 2}});
    commit(3, {{.partition = 0, .base = 5, .batches = 2}, {.partition = 1, .base = 2}});
  }
};

TEST_F(FsckTest, FindsNothingInWhatIsWholeAndCountsIt) {
  EXPECT_THAT(check(), IsEmpty());
  EXPECT_EQ(sink_.counts.objects, 3);
  EXPECT_EQ(sink_.counts.records, 10);
  EXPECT_EQ(static_cast<std::uint64_t>(sink_.counts.bytes), stored_.byte_count());
}

TEST_F(FsckTest, FindsNothingAfterATakeOverATrimAndANewLeader) {
  raise_log_start(0, 5);
  raise_log_start(1, 2);
  take_over(session_.id(), {{0, 7}, {1, 3}});
  ASSERT_EQ(tables_.trim(session_.id(), Seq(9)), Seq(2));
  EXPECT_THAT(check(), IsEmpty());
  const auto next = open_session(5, "agent-2");
  const auto led = tables_.acquire_leases(
      next, {{.key = key(0), .expected_epoch = LeaderEpoch(2), .since_seq = Seq(1)}});
  ASSERT_TRUE(led && led->front());
  commit(next, 1, {{.partition = 0, .base = 7, .epoch = 3}});
  EXPECT_THAT(check(), IsEmpty());
}

// ---- S1, W4, R5: objects

TEST_F(FsckTest, NamesAMissingObject) {
  ASSERT_TRUE(wait(stored_.remove(object(2))));
  EXPECT_THAT(check(), ElementsAre(AllOf(is_of("S1", object(2)), is_at("S1", 0, 3))));
  EXPECT_EQ(sink_.counts.objects, 2);
}

TEST_F(FsckTest, NamesAnObjectThatIsMarkedDeadAndStillNeeded) {
  damage([&](metadata::MemoryTables& tables) {
    tables.objects[object(2)] = {.row = {.key = object(2), .state = metadata::ObjectState::kDead},
                                 .session = session_.id()};
  });
  EXPECT_THAT(check(), ElementsAre(AllOf(is_of("S1", object(2)), is_named("S1", "marked dead"))));
}

TEST_F(FsckTest, NamesAnObjectThatLiesUnderTwoNames) {
  replace_object(object(2), *stored_.peek(object(3)));
  change_row(
      2, [&](metadata::CheckedRow& row) { row.row.object_size = stored_.peek(object(3))->size(); });
  EXPECT_THAT(check(),
              ElementsAre(AllOf(is_of("W4", object(2)), is_named("W4", "object of seq 3"))));
}

TEST_F(FsckTest, NamesEveryFlippedBitOfAnObject) {
  const std::size_t size = stored_.peek(object(1))->size();
  for (std::size_t at = 0; at < size; at += 7) {
    damage_object(object(1), [at](base::ByteVector& bytes) { bytes[at] ^= 0x10; });
    EXPECT_THAT(check(), ElementsAre(is_of("R5", object(1)))) << "byte " << at;
    damage_object(object(1), [at](base::ByteVector& bytes) { bytes[at] ^= 0x10; });
  }
}

TEST_F(FsckTest, NamesThePlaceOfADamagedBatch) {
  const std::size_t batch = stored_.peek(object(2))->size();
  damage_object(object(2), [batch](base::ByteVector& bytes) { bytes[batch / 3] ^= 1; });
  EXPECT_THAT(check(), ElementsAre(is_at("R5", 0, 3)));
}

TEST_F(FsckTest, NamesAnObjectOfAnotherLength) {
  damage_object(object(1), [](base::ByteVector& bytes) { bytes.push_back(0); });
  damage_object(object(2), [](base::ByteVector& bytes) { bytes.resize(70); });
  EXPECT_THAT(check(), UnorderedElementsAre(is_of("R5", object(1)), is_of("R5", object(2))));
}

TEST_F(FsckTest, NamesAnObjectThatIsNotTheOneThatWasCommitted) {
  const auto other =
      build(session_.id(), 2, {{.partition = 0, .base = 3, .batches = 2, .value_bytes = 21}});
  replace_object(object(2), objectstore::concatenate(other.chunks));
  change_row(2, [&](metadata::CheckedRow& row) { row.row.object_size = other.size; });
  EXPECT_THAT(check(), ElementsAre(is_of("R5", object(2))));
}

TEST_F(FsckTest, NamesAnObjectOfAnotherCluster) {
  auto other = build(session_.id(), 2, {{.partition = 0, .base = 3, .batches = 2}});
  segment::ObjectHeader header{.identity = {segment::ObjectLevel::kFlushed, session_.id(), Seq(2)}};
  header.cluster[3] = 9;
  const auto bytes = segment::encode_header(header);
  damage_object(object(2), [&](base::ByteVector& all) { std::ranges::copy(bytes, all.begin()); });
  EXPECT_THAT(check(), ElementsAre(is_named("R5", "another cluster")));
}

TEST_F(FsckTest, NamesARowWhosePayloadIsDamaged) {
  change_row(2, [](metadata::CheckedRow& row) {
    base::ByteVector payload = base::to_vector(row.row.payload);
    payload.back() ^= 1;
    row.row.payload = base::Bytes(std::move(payload));
  });
  const Findings found = check();
  EXPECT_THAT(found, testing::Contains(AllOf(is_of("R5", object(2)), is_named("R5", "row 2"))));
}

// ---- W7, F1, F5: logs

TEST_F(FsckTest, NamesAMissingRow) {
  damage([&](metadata::MemoryTables& tables) { log(tables).log.erase(Seq(2)); });
  EXPECT_THAT(check(), UnorderedElementsAre(AllOf(is_of("W7", object(2)), is_named("W7", "row 2")),
                                            is_at("L3", 0, 3)));
}

TEST_F(FsckTest, NamesARowBehindTheSeal) {
  take_over(session_.id(), {{0, 7}, {1, 3}});
  damage([&](metadata::MemoryTables& tables) {
    metadata::CheckedRow row = *log(tables).log.at(Seq(4));
    row.row.seq = Seq(5);
    log(tables).log[Seq(5)] = std::make_shared<const metadata::CheckedRow>(row);
  });
  EXPECT_THAT(check(), ElementsAre(is_named("F1", "row 5")));
}

TEST_F(FsckTest, NamesALostSeal) {
  take_over(session_.id(), {{0, 7}, {1, 3}});
  damage([&](metadata::MemoryTables& tables) { log(tables).log.erase(Seq(4)); });
  EXPECT_THAT(check(), ElementsAre(is_named("F5", to_string(session_.id()))));
}

TEST_F(FsckTest, NamesACheckpointBeyondTheLog) {
  ASSERT_TRUE(tables_.checkpoint(session_.id(), Seq(2), {}));
  ASSERT_TRUE(tables_.seal_session(session_.id()));
  EXPECT_THAT(check(), IsEmpty());
  damage([&](metadata::MemoryTables& tables) { log(tables).checkpoint->upto_seq = Seq(9); });
  EXPECT_THAT(check(), ElementsAre(is_named("L4", "covers row 9")));
}

/// By damage: the database refuses such a checkpoint, or shows it in the partition's row.
TEST_F(FsckTest, NamesALiveSessionsCheckpointAboveTheTruth) {
  const segment::PartitionCheckpoint entry{.partition = key(1),
                                           .epoch = LeaderEpoch(1),
                                           .high_watermark = Offset(3),
                                           .log_start = Offset(0)};
  ASSERT_TRUE(tables_.checkpoint(session_.id(), Seq(3), {entry}));
  EXPECT_THAT(check(), IsEmpty());
  const auto change = [&](const std::function<void(metadata::CheckpointRow&)>& how) {
    damage([&](metadata::MemoryTables& tables) {
      log(tables).checkpoint = {.upto_seq = Seq(3), .partitions = {entry}};
      how(*log(tables).checkpoint);
    });
  };
  change([](auto& row) { row.partitions[0].high_watermark = Offset(4); });
  EXPECT_THAT(check(), ElementsAre(AllOf(is_at("L4", 1, 3), is_named("L4", "watermark 4"))));
  change([](auto& row) { row.partitions[0].log_start = Offset(1); });
  EXPECT_THAT(check(), ElementsAre(AllOf(is_at("L4", 1, 0), is_named("L4", "says at 1"))));
  change([](auto& row) { row.upto_seq = Seq(4); });
  EXPECT_THAT(check(), ElementsAre(is_named("L4", "covers row 4")));
}

TEST_F(FsckTest, FindsNothingInACheckpointWhoseRowsWereTrimmedOrWhoseTopicIsGone) {
  raise_log_start(0, 5);
  raise_log_start(1, 2);
  const segment::PartitionCheckpoint gone{.partition = {model::TopicNo(9), {}},
                                          .high_watermark = Offset(100)};
  ASSERT_TRUE(tables_.checkpoint(session_.id(), Seq(2), {gone}));
  ASSERT_EQ(tables_.trim(session_.id(), Seq(2)), Seq(2));
  EXPECT_THAT(check(), IsEmpty());
}

// ---- L3, L4, F2: partitions

TEST_F(FsckTest, NamesAHoleAtTheLogStart) {
  raise_log_start(0, 4);
  ASSERT_TRUE(tables_.checkpoint(session_.id(), Seq(3), {}));
  raise_log_start(1, 2);
  ASSERT_EQ(tables_.trim(session_.id(), Seq(3)), Seq(1));
  EXPECT_THAT(check(), IsEmpty());
  change_partition(0, [](metadata::Partition& row) { row.log_start = Offset(1); });
  EXPECT_THAT(check(), ElementsAre(AllOf(is_at("L3", 0, 1), is_of("L3", object(2)))));
}

TEST_F(FsckTest, NamesAnOverlap) {
  commit(4, {{.partition = 0, .base = 6, .batches = 3}});
  EXPECT_THAT(check(), ElementsAre(AllOf(is_at("L3", 0, 6), is_of("L3", object(4)))));
}

TEST_F(FsckTest, NamesAHighWatermarkAboveTheLog) {
  change_partition(1, [](metadata::Partition& row) { row.high_watermark = Offset(4); });
  EXPECT_THAT(check(), ElementsAre(is_at("L3", 1, 3)));
}

TEST_F(FsckTest, NamesSpansAboveTheHighWatermarkOfAFreePartition) {
  take_over(session_.id(), {{0, 7}, {1, 3}});
  change_partition(0, [](metadata::Partition& row) { row.high_watermark = Offset(5); });
  EXPECT_THAT(check(), testing::Contains(is_at("L3", 0, 5)));
}

TEST_F(FsckTest, NamesACheckpointAboveTheTruth) {
  ASSERT_TRUE(tables_.checkpoint(session_.id(), Seq(3),
                                 {{.partition = key(1),
                                   .epoch = LeaderEpoch(1),
                                   .high_watermark = Offset(9),
                                   .log_start = Offset(0)}}));
  EXPECT_THAT(check(), ElementsAre(AllOf(is_at("L4", 1, 3), is_named("L4", "checkpoint"))));
}

TEST_F(FsckTest, NamesALogStartPastTheEnd) {
  take_over(session_.id(), {{0, 7}, {1, 3}});
  change_partition(1, [](metadata::Partition& row) { row.log_start = Offset(4); });
  EXPECT_THAT(check(), ElementsAre(is_at("L4", 1, 4)));
}

TEST_F(FsckTest, NamesALeaderEpochThatWentBack) {
  change_partition(1, [](metadata::Partition& row) { row.epoch = LeaderEpoch(0); });
  EXPECT_THAT(check(), UnorderedElementsAre(is_at("L4", 1, 0), is_at("L4", 1, 2)));
}

TEST_F(FsckTest, NamesEpochsThatFallAlongTheLog) {
  change_partition(0, [](metadata::Partition& row) { row.epoch = LeaderEpoch(5); });
  commit(4, {{.partition = 0, .base = 7, .epoch = 4}});
  commit(5, {{.partition = 0, .base = 8, .epoch = 3}});
  EXPECT_THAT(check(), ElementsAre(AllOf(is_at("L4", 0, 8), is_of("L4", object(5)))));
}

TEST_F(FsckTest, NamesTwoLeadersOfOneEpoch) {
  const auto other = open_session(5, "agent-2");
  commit(other, 1, {{.partition = 0, .base = 7, .epoch = 1}});
  commit(4, {{.partition = 0, .base = 8, .epoch = 1}});
  // A hole makes the snapshot be looked at; two neighbours of one epoch melt otherwise.
  change_partition(0, [](metadata::Partition& row) { row.high_watermark = Offset(99); });
  EXPECT_THAT(check(),
              UnorderedElementsAre(is_at("F2", 0, 7), is_at("F2", 0, 8), is_at("L3", 0, 9)));
}

// ---- while agents work

TEST_F(FsckTest, ReportsNothingThatWasDeletedMeanwhile) {
  ASSERT_TRUE(tables_.checkpoint(session_.id(), Seq(3), {}));
  MeddlingStore store(stored_, object(2), [this] {
    raise_log_start(0, 7);
    raise_log_start(1, 2);
    ASSERT_EQ(tables_.trim(session_.id(), Seq(3)), Seq(2));
  });
  store.loses_it = true;
  EXPECT_THAT(check(store), IsEmpty());
}

TEST_F(FsckTest, ReportsNothingThatWasCommittedMeanwhile) {
  const auto next = open_session(~std::uint64_t{0}, "agent-2");
  const auto last = put(session_.id(), 4, {{.partition = 0, .base = 7}});
  const auto first = put(next, 1, {{.partition = 0, .base = 8, .epoch = 3}});
  MeddlingStore store(stored_, object(1), [&] {
    append(session_.id(), 4, last);
    take_over(session_.id(), {{0, 8}, {1, 3}});
    const auto led = tables_.acquire_leases(
        next, {{.key = key(0), .expected_epoch = LeaderEpoch(2), .since_seq = Seq(1)}});
    ASSERT_TRUE(led && led->front());
    append(next, 1, first);
  });
  EXPECT_THAT(check(store), IsEmpty());
  EXPECT_EQ(sink_.counts.objects, 4) << "its page was read before row 4 came";
}

TEST_F(FsckTest, ReadsALargeObjectInPieces) {
  commit(4, {{.partition = 0, .base = 7, .batches = 300, .value_bytes = 10'000}});
  commit(5, {{.partition = 0, .base = 307, .batches = 1, .value_bytes = 2u << 20}});
  MeddlingStore store(stored_, "", nullptr);
  EXPECT_THAT(check(store), IsEmpty());
  EXPECT_EQ(sink_.counts.records, 311);
  EXPECT_LT(store.get_bytes_max, (2u << 20) + 1'000) << "one batch is the largest piece";
  damage_object(object(4), [](base::ByteVector& bytes) { bytes[2'500'000] ^= 1; });
  EXPECT_THAT(check(store), ElementsAre(AllOf(is_of("R5", object(4)), is_named("R5", "block at"))));
}

TEST_F(FsckTest, ReportsAsItGoesAndEndsWithItsSink) {
  for (int i = 0; i < 450; ++i) commit(4 + i, {{.partition = 0, .base = 7 + i}});
  EXPECT_THAT(check(), IsEmpty());
  EXPECT_EQ(sink_.reports, 3);
  sink_ = {};
  sink_.refuse = true;
  Fsck fsck({.metadata = metadata_, .objects = stored_}, sink_);
  const base::Status ended = wait(fsck.run());
  ASSERT_FALSE(ended);
  EXPECT_EQ(ended.error().code, Errc::kStopped);
  EXPECT_EQ(sink_.reports, 1);
}

TEST_F(FsckTest, EndsWithTheErrorOfAStoreThatCannotBeRead) {
  faults_.set_rates({.refused = 1});
  sink_ = {};
  Fsck fsck({.metadata = metadata_, .objects = objects_}, sink_);
  const base::Status ended = wait(fsck.run());
  ASSERT_FALSE(ended);
  EXPECT_EQ(ended.error().code, Errc::kUnavailable);
  EXPECT_THAT(sink_.findings, IsEmpty());
}

}  // namespace
}  // namespace streamhouse::upkeep
