// Goal: what is rebuilt from a bucket has every acknowledged record at its offset, and nothing of
// what was never committed. Method: histories, written by hand, in a bucket beside a database in
// memory that knows the truth; the rebuilt database is held against it, every
// batch is read back.
#include "upkeep/rebuild/rebuild_planner.h"

#include <gtest/gtest.h>

#include <limits>

#include "tests/upkeep/rebuild_world.h"

namespace streamhouse::upkeep {
namespace {

using model::LeaderEpoch;
using model::Offset;
using model::Seq;
using model::SessionId;
using testing::ElementsAre;
using testing::IsEmpty;

class RebuildPlannerTest : public upkeep_testing::RebuildWorld {
 protected:
  /// Topics 1 and 2 of two partitions each; a session that leads them all.
  void SetUp() override {
    create_topic("orders", 2);
    create_topic("events", 2);
    for (std::uint32_t topic = 1; topic <= 2; ++topic)
      for (std::int32_t at = 0; at < 2; ++at) acquire(writer_, key(topic, at));
  }
  std::vector<RebuildFault> faults() const {
    std::vector<RebuildFault> faults;
    for (const RebuildFinding& finding : found_) faults.push_back(finding.fault);
    return faults;
  }
  /// As a snapshot of the groups' shard has it.
  void put_position(model::TopicPartition key, std::int64_t offset) {
    std::vector<metadata::ArchiveRow> rows;
    rows.emplace_back(metadata::ClusterRow{.cluster = {.cluster_id = kCluster}});
    rows.emplace_back(metadata::Group{.group_id = "g", .commit_no = 1});
    rows.emplace_back(metadata::StoredOffset{"g", {.key = key, .offset = Offset(offset)}});
    put(segment::to_key(segment::GroupsKey{model::PartitionIndex(0), LeaderEpoch(1), 1}),
        {metadata::pack_rows(rows)});
  }
  std::string object(std::int64_t seq) const { return segment::object_key(writer_.id, Seq(seq)); }
  void cut(const std::string& name) {
    const base::Bytes whole = *bucket_.peek(name);
    remove(name);
    put(name, {whole.slice(0, whole.size() - 1)});
  }

  const model::TopicPartition a_ = key(1, 0);
  const model::TopicPartition b_ = key(1, 1);
  const model::TopicPartition c_ = key(2, 0);
  Writer writer_ = open(0xa1);
};

TEST_F(RebuildPlannerTest, TopicsAreAsTheyWere) {
  commit(writer_, {{.key = a_}});
  rebuild();
  EXPECT_THAT(found_, IsEmpty());
  EXPECT_EQ(*rebuilt_->get_topic("orders"), *truth_.get_topic("orders"));
  EXPECT_EQ(*rebuilt_->get_topic("events"), *truth_.get_topic("events"));
  EXPECT_EQ(rebuilt_->cluster_info()->cluster_id, kCluster);
  EXPECT_EQ(rebuilt_->create_topic({.name = "new", .id = {{99}}})->no, model::TopicNo(3));
}

TEST_F(RebuildPlannerTest, OfATopicTheNewestVersionCounts) {
  metadata::Topic changed = *truth_.update_topic_config("orders", {.config = {{"a", "b"}}});
  put_catalogue(changed);
  rebuild();
  EXPECT_EQ(*rebuilt_->get_topic("orders"), changed);
}

TEST_F(RebuildPlannerTest, ASessionThatNobodySealedCountsAsFarAsItsObjectsCame) {
  commit(writer_, {{.key = a_, .batches = 2}, {.key = b_}});
  commit(writer_, {{.key = a_}});
  put_object(writer_, {{.key = a_}});  // of unknown outcome
  rebuild();
  EXPECT_THAT(found_, IsEmpty());
  EXPECT_EQ(rebuilt_end(a_), Offset(4));
  EXPECT_EQ(rebuilt_end(b_), Offset(1));
  expect_contents(a_);
  expect_contents(b_);
}

TEST_F(RebuildPlannerTest, WhatCameBehindAnObjectThatNeverCameDoesNotCount) {
  commit(writer_, {{.key = a_}});
  writer_.previous = Seq(2);  // two is on its way
  writer_.next = Seq(3);
  placed_[a_] = 5;
  put_object(writer_, {{.key = a_}});
  rebuild();
  EXPECT_THAT(found_, IsEmpty());
  EXPECT_EQ(rebuilt_end(a_), Offset(1));
  EXPECT_EQ(rebuilt_->get_session(writer_.id)->state, metadata::SessionState::kRecovered);
}

TEST_F(RebuildPlannerTest, ReleasesBetweenObjectsAreNoGap) {
  commit(writer_, {{.key = a_}});
  release(writer_, b_);
  release(writer_, c_);
  commit(writer_, {{.key = a_}});
  rebuild();
  EXPECT_THAT(found_, IsEmpty());
  EXPECT_EQ(rebuilt_end(a_), Offset(2));
  expect_contents(a_);
}

TEST_F(RebuildPlannerTest, BehindASealNothingCounts) {
  commit(writer_, {{.key = a_}});
  put_object(writer_, {{.key = a_, .batches = 3}});
  take_over(writer_);
  Writer next = open(0xb2);
  acquire(next, a_);
  commit(next, {{.key = a_, .batches = 2}});
  rebuild();
  EXPECT_THAT(found_, IsEmpty());
  EXPECT_EQ(rebuilt_end(a_), Offset(3));
  expect_contents(a_);
}

TEST_F(RebuildPlannerTest, NoOldSessionCanWriteAnyMore) {
  commit(writer_, {{.key = a_}});
  const metadata::Partition before = *truth_.get_partition(a_);
  rebuild();
  const auto late = put_object(writer_, {{.key = a_}});
  const metadata::CommitEntry entry{
      .object_size = late.size, .object_crc = late.crc, .spans = late.span_table};
  const auto appended = rebuilt_->append(writer_.id, writer_.next, entry);
  ASSERT_FALSE(appended);
  EXPECT_EQ(appended.error().code, base::Errc::kFenced);
  EXPECT_FALSE(rebuilt_->heartbeat(writer_.id, 1'000, metadata::ListOwned::kYes));
  EXPECT_TRUE(rebuilt_->list_due_sessions(std::nullopt)->empty());
  const metadata::Partition after = *rebuilt_->get_partition(a_);
  EXPECT_EQ(after.owner, model::kNoSession);
  EXPECT_EQ(after.epoch.value(), before.epoch.value() + kEpochsAhead);
  EXPECT_FALSE(
      rebuilt_->open_session({.id = writer_.id, .agent = {.agent_id = "x"}, .timeout_ms = 1}));
}

TEST_F(RebuildPlannerTest, ATrimmedPrefixIsNoGap) {
  commit(writer_, {{.key = a_}});
  commit(writer_, {{.key = a_}, {.key = b_}});
  commit(writer_, {{.key = a_}});
  raise_log_start(a_, 2);
  raise_log_start(b_, 1);
  checkpoint(writer_);
  trim(writer_.id);
  remove_dead(1);
  rebuild();
  EXPECT_THAT(found_, IsEmpty());
  EXPECT_EQ(rebuilt_log_start(a_), Offset(2));
  EXPECT_EQ(rebuilt_end(a_), Offset(3));
  EXPECT_EQ(rebuilt_end(b_), Offset(1)) << "its object is void, and still says what was given out";
  remove_dead(9);
  rebuild();
  EXPECT_THAT(found_, IsEmpty());
  EXPECT_EQ(rebuilt_log_start(a_), Offset(2));
  expect_contents(a_);
}

TEST_F(RebuildPlannerTest, ReplacedObjectsCountByWhatReplacedThem) {
  commit(writer_, {{.key = a_}, {.key = b_}});
  commit(writer_, {{.key = a_}, {.key = c_}});
  commit(writer_, {{.key = b_}});
  checkpoint(writer_);
  Writer compactor = open(0xc3);
  ASSERT_TRUE(compact(compactor, writer_.id, Seq(2), Compact::kReplace));
  for (int removed = 0; removed <= 2; ++removed) {
    rebuild();
    EXPECT_THAT(found_, IsEmpty());
    EXPECT_EQ(rebuilt_->tables().segments.size(), 3u);
    for (const auto& key : {a_, b_, c_}) expect_contents(key);
    EXPECT_EQ(rebuilt_end(a_), Offset(2));
    remove_dead(1);
  }
}

TEST_F(RebuildPlannerTest, OutputsWhoseInputsAllCountAreLeftOut) {
  commit(writer_, {{.key = a_}, {.key = b_}});
  commit(writer_, {{.key = a_}});
  Writer compactor = open(0xc3);
  ASSERT_TRUE(compact(compactor, writer_.id, Seq(1), Compact::kPut));
  rebuild();
  EXPECT_THAT(found_, IsEmpty());
  EXPECT_TRUE(rebuilt_->tables().segments.empty());
  expect_contents(a_);
}

TEST_F(RebuildPlannerTest, OfTwoWhoReplacedTheSameTheOneThatLostIsLeftOut) {
  commit(writer_, {{.key = a_}, {.key = b_}});
  commit(writer_, {{.key = a_}});
  commit(writer_, {{.key = a_}, {.key = b_}});
  commit(writer_, {{.key = a_}});
  checkpoint(writer_);
  Writer loser = open(0xc1);
  ASSERT_TRUE(compact(loser, writer_.id, Seq(3), Compact::kPut));
  Writer winner = open(0xc3);
  ASSERT_TRUE(compact(winner, writer_.id, Seq(2), Compact::kReplace));
  remove(segment::to_key(segment::TrimKey{writer_.id, Seq(2)}));
  remove_dead(9);
  rebuild();
  EXPECT_THAT(faults(), IsEmpty());
  expect_contents(a_);
  expect_contents(b_);
  EXPECT_EQ(rebuilt_end(a_), Offset(4));
}

TEST_F(RebuildPlannerTest, AMissingObjectIsNamedAndSoIsTheHole) {
  for (int i = 0; i < 4; ++i) commit(writer_, {{.key = a_}});
  remove(object(2));
  rebuild();
  ASSERT_EQ(found_.size(), 2u);
  EXPECT_EQ(found_[0].fault, RebuildFault::kMissingObject);
  EXPECT_EQ(found_[0].object, object(2));
  EXPECT_EQ(found_[1].fault, RebuildFault::kHole);
  EXPECT_EQ(found_[1].partition, a_);
  EXPECT_EQ(found_[1].offsets, (model::OffsetRange{Offset(1), Offset(2)}));
  EXPECT_EQ(rebuilt_log_start(a_), Offset(2));
  expect_contents(a_);
}

TEST_F(RebuildPlannerTest, ADamagedObjectIsNamedAndSoIsTheHole) {
  for (int i = 0; i < 4; ++i) commit(writer_, {{.key = a_}});
  cut(object(2));
  rebuild();
  ASSERT_THAT(faults(), ElementsAre(RebuildFault::kDamagedObject, RebuildFault::kHole));
  EXPECT_EQ(found_[0].object, object(2));
  expect_contents(a_);
}

TEST_F(RebuildPlannerTest, ALostFirstObjectOfALiveSessionIsNamed) {
  commit(writer_, {{.key = a_}});
  commit(writer_, {{.key = b_}});
  remove(object(1));
  rebuild();
  EXPECT_THAT(faults(), ElementsAre(RebuildFault::kMissingObject));
  EXPECT_EQ(rebuilt_end(b_), Offset(1)) << "what is there counts all the same";
}

TEST_F(RebuildPlannerTest, ALostOutputLeavesAHole) {
  for (int i = 0; i < 3; ++i) commit(writer_, {{.key = a_}, {.key = b_}});
  checkpoint(writer_);
  Writer compactor = open(0xc3);
  commit(writer_, {{.key = a_}});
  ASSERT_TRUE(compact(compactor, writer_.id, Seq(1), Compact::kReplace));
  ASSERT_TRUE(compact(compactor, writer_.id, Seq(2), Compact::kReplace));
  remove_dead(9);
  const auto& segments = truth_.tables().segments;
  remove(segments.at({a_, Offset(2)}).location.object_key);
  rebuild();
  ASSERT_THAT(faults(), ElementsAre(RebuildFault::kHole));
  EXPECT_EQ(found_[0].partition, a_);
  EXPECT_EQ(found_[0].offsets, (model::OffsetRange{Offset(1), Offset(2)}));
  expect_contents(b_);
}

TEST_F(RebuildPlannerTest, CommitsBehindASealAreNamed) {
  for (int i = 0; i < 3; ++i) commit(writer_, {{.key = a_}});
  put(segment::to_key(segment::SealKey{writer_.id}),
      {base::Bytes(segment::encode_seal_marker(
          {.cluster = kCluster.bytes, .session = writer_.id, .seq = Seq(2)}))});
  rebuild();
  EXPECT_THAT(faults(), ElementsAre(RebuildFault::kCommittedBehindSeal));
  EXPECT_EQ(found_[0].object, object(3));
}

TEST_F(RebuildPlannerTest, ADamagedSealIsNamed) {
  commit(writer_, {{.key = a_}});
  take_over(writer_);
  cut(segment::to_key(segment::SealKey{writer_.id}));
  rebuild();
  EXPECT_THAT(faults(), ElementsAre(RebuildFault::kDamagedObject));
}

TEST_F(RebuildPlannerTest, RecordsOfATopicOutsideTheCatalogueAreNamedOnce) {
  commit(writer_, {{.key = a_}, {.key = c_}});
  commit(writer_, {{.key = a_}, {.key = c_}});
  const auto topic = truth_.get_topic("events");
  remove(segment::to_key(segment::CatalogueKey{topic->id, topic->version}));
  rebuild();
  ASSERT_THAT(faults(), ElementsAre(RebuildFault::kNoTopic));
  EXPECT_EQ(found_[0].partition, c_);
  EXPECT_EQ(rebuilt_->create_topic({.name = "new", .id = {{99}}})->no, model::TopicNo(3))
      << "its number is not given out again";
}

TEST_F(RebuildPlannerTest, ADamagedEntryGivesWayToTheOneBefore) {
  const metadata::Topic before = *truth_.get_topic("orders");
  const metadata::Topic after = *truth_.update_topic_config("orders", {.config = {{"a", "b"}}});
  put_catalogue(after);
  cut(segment::to_key(segment::CatalogueKey{after.id, after.version}));
  rebuild();
  EXPECT_THAT(faults(), ElementsAre(RebuildFault::kDamagedObject));
  EXPECT_EQ(*rebuilt_->get_topic("orders"), before);
}

TEST_F(RebuildPlannerTest, APartitionThatTheCatalogueDoesNotKnowYetIsNamedAndAdded) {
  const metadata::Topic more = *truth_.create_partitions("orders", 4);
  acquire(writer_, key(1, 3));
  commit(writer_, {{.key = key(1, 3)}});
  rebuild();
  ASSERT_THAT(faults(), ElementsAre(RebuildFault::kNoPartition));
  EXPECT_EQ(rebuilt_->get_topic("orders")->partition_count, more.partition_count);
  expect_contents(key(1, 3));
}

TEST_F(RebuildPlannerTest, TwoTopicsWithOneNumberAreNamed) {
  metadata::Topic other = *truth_.get_topic("orders");
  other.id.bytes[0] = 200;
  other.name = "other";
  put_catalogue(other);
  rebuild();
  ASSERT_THAT(faults(), ElementsAre(RebuildFault::kDamagedObject));
  EXPECT_EQ(found_[0].object, segment::to_key(segment::CatalogueKey{other.id, other.version}));
}

TEST_F(RebuildPlannerTest, TheOlderOfTwoTopicsWithOneNameWasDeleted) {
  const metadata::Topic old = *truth_.get_topic("orders");
  ASSERT_TRUE(truth_.delete_topic(old.id));
  take_over(writer_);
  const metadata::Topic fresh = create_topic("orders", 1);
  rebuild();
  EXPECT_THAT(found_, IsEmpty());
  EXPECT_EQ(rebuilt_->get_topic("orders")->id, fresh.id);
  EXPECT_FALSE(rebuilt_->get_topic(old.no));
}

TEST_F(RebuildPlannerTest, ADeletedTopicStaysDeletedAndItsNumberIsNotGivenOutAgain) {
  commit(writer_, {{.key = a_}, {.key = c_}});
  const metadata::Topic deleted = **truth_.delete_topic(truth_.get_topic("events")->id);
  remove(segment::to_key(segment::CatalogueKey{deleted.id, deleted.version}));
  put_catalogue(deleted);
  rebuild();
  EXPECT_THAT(found_, IsEmpty());
  EXPECT_FALSE(rebuilt_->get_topic(deleted.no));
  expect_contents(a_);
  EXPECT_EQ(rebuilt_->create_topic({.name = "events", .id = {{99}}})->no, model::TopicNo(3));
}

TEST_F(RebuildPlannerTest, GroupsAreAsOfTheNewestSnapshot) {
  commit(writer_, {{.key = a_, .batches = 9}});
  const auto internal = create_topic("__consumer_offsets", 3, metadata::TopicKind::kInternal);
  const auto snapshot = [&](std::int32_t epoch, std::int64_t number, std::int64_t offset) {
    std::vector<metadata::ArchiveRow> rows;
    rows.emplace_back(metadata::ClusterRow{.cluster = {.cluster_id = kCluster}});
    rows.emplace_back(metadata::Group{.group_id = "g",
                                      .commit_no = number,
                                      .generation = 4,
                                      .protocol_type = "consumer",
                                      .state = "Stable",
                                      .members = base::Bytes(std::string("m"))});
    rows.emplace_back(metadata::StoredOffset{"g", {.key = a_, .offset = Offset(offset)}});
    rows.emplace_back(metadata::StoredOffset{"g", {.key = key(77, 0), .offset = Offset(1)}});
    put(segment::to_key(segment::GroupsKey{model::PartitionIndex(2), LeaderEpoch(epoch), number}),
        {metadata::pack_rows(rows)});
  };
  snapshot(3, 90, 4);
  snapshot(5, 1, 6);
  snapshot(5, 10, 8);
  rebuild();
  EXPECT_THAT(found_, IsEmpty());
  const auto group = rebuilt_->load_group("g");
  ASSERT_TRUE(group);
  EXPECT_EQ(group->group.commit_no, 10);
  EXPECT_EQ(group->group.state, "Empty");
  EXPECT_TRUE(group->group.members.empty());
  EXPECT_GT(group->group.generation, 4);
  ASSERT_EQ(group->offsets.size(), 1u) << "that of a topic that is gone is left out";
  EXPECT_EQ(group->offsets[0].offset, Offset(8));
  const model::TopicPartition shard{internal.no, model::PartitionIndex(2)};
  EXPECT_EQ(rebuilt_->get_partition(shard)->epoch, LeaderEpoch(5 + kEpochsAhead));
}

TEST_F(RebuildPlannerTest, WhereNoObjectIsLeftThePositionsOfGroupsSayWhereALogWas) {
  commit(writer_, {{.key = a_, .batches = 9}});
  put_position(b_, 55);
  rebuild();
  EXPECT_THAT(found_, IsEmpty());
  EXPECT_EQ(rebuilt_log_start(b_), Offset(55));
  EXPECT_EQ(rebuilt_end(b_), Offset(55));
}

TEST_F(RebuildPlannerTest, NoPositionOfAGroupCostsARecord) {
  commit(writer_, {{.key = a_, .batches = 9}});
  put_position(a_, 1'000);
  rebuild();
  EXPECT_THAT(found_, IsEmpty());
  EXPECT_EQ(rebuilt_log_start(a_), Offset(0));
  EXPECT_EQ(rebuilt_end(a_), Offset(9));
}

TEST_F(RebuildPlannerTest, APositionThatNoLogHasIsNotBelieved) {
  commit(writer_, {{.key = a_}});
  put_position(b_, std::numeric_limits<std::int64_t>::max());
  rebuild();
  EXPECT_EQ(rebuilt_end(b_), Offset(0));
}

TEST_F(RebuildPlannerTest, ProducersAreRememberedAndTheirIdsNotGivenOutAgain) {
  for (int i = 0; i < 7; ++i) {
    commit(writer_,
           {{.key = a_, .spec = {.count = 2, .producer = 40, .epoch = 3, .sequence = 2 * i}}});
  }
  rebuild();
  const auto producers = segment::decode_producer_snapshot(rebuilt_->get_partition(a_)->producers);
  ASSERT_TRUE(producers);
  ASSERT_EQ(producers->size(), 1u);
  EXPECT_EQ(producers->front().producer, model::ProducerId(40));
  EXPECT_EQ(producers->front().epoch, model::ProducerEpoch(3));
  ASSERT_EQ(producers->front().batches.size(), segment::kProducerBatchesMax);
  EXPECT_EQ(producers->front().batches.front().first_sequence, 4);
  EXPECT_EQ(producers->front().batches.back().last_sequence, 13);
  EXPECT_EQ(rebuilt_->allocate_producer_ids(1), model::ProducerId(41 + kProducerIdsAhead));
}

TEST_F(RebuildPlannerTest, TheSameBucketGivesTheSameRows) {
  commit(writer_, {{.key = a_}, {.key = b_}});
  take_over(writer_);
  const auto rows = [this] {
    const RebuildPlan planned = plan();
    const auto bytes = std::make_shared<tests::ArchiveBytes>();
    metadata::ArchiveWriter writer(bytes);
    EXPECT_TRUE(pass_rows(facts_, planned, writer));
    EXPECT_TRUE(writer.finish());
    return bytes->content;
  };
  EXPECT_EQ(rows(), rows());
}

TEST_F(RebuildPlannerTest, ALogWithAnAbsurdGapIsRefused) {
  commit(writer_, {{.key = a_}});
  writer_.next = Seq(std::int64_t{1} << 50);
  put_object(writer_, {{.key = a_}});
  const RebuildPlan planned = plan();
  metadata::ArchiveWriter nowhere(nullptr);
  const base::Status passed = pass_rows(facts_, planned, nowhere);
  ASSERT_FALSE(passed);
  EXPECT_EQ(passed.error().code, base::Errc::kCorrupt);
}

}  // namespace
}  // namespace streamhouse::upkeep
