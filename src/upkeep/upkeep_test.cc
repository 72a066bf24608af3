// Goal: dead objects go after their grace and not before, remove first, forget after; sealed
// sessions are swept, live ones never; logs are trimmed as far as P3 allows, and a mark says so
// before an object goes; whatever fails is done later. Method: a log written by hand over the
// in-memory stores, with faults; rounds are run one by one, or by the loop in virtual time.

#include "upkeep/upkeep.h"

#include <gmock/gmock.h>

#include "tests/objectstore/batching_store.h"
#include "tests/upkeep/upkeep_world.h"

namespace streamhouse::upkeep {
namespace {

using base::Errc;
using core_testing::milliseconds;
using core_testing::seconds;
using model::Seq;
using objectstore::StoreOperation;

class UpkeepTest : public upkeep_testing::UpkeepWorld {
 protected:
  /// Three objects: partition 0 holds [0, 6), all checkpointed.
  void SetUp() override {
    UpkeepWorld::SetUp();
    lease_topic(1);
    for (int i = 0; i < 3; ++i) commit(1 + i, {{.base = 2 * i, .batches = 2}});
    ASSERT_TRUE(tables_.checkpoint(session_.id(), Seq(3), {}));
  }
  Upkeep& upkeep() {
    if (!upkeep_) {
      const UpkeepConfig config{.grace = seconds(100),
                                .interval = seconds(10),
                                .sweep_again_first = seconds(50),
                                .sweep_again_longest = seconds(200)};
      upkeep_ = std::make_unique<Upkeep>(
          Upkeep::Ports{
              .runtime = agent_, .metadata = metadata_, .objects = *removing_, .session = session_},
          config, group_);
    }
    return *upkeep_;
  }
  std::string round() { return outcome(wait(upkeep().round())); }
  model::Seq trimmed(model::SessionId session) { return tables_.get_session(session)->trimmed_to; }
  /// Up to which rows the trim marks in the store go: "2 12 ".
  std::string marks() {
    std::string shown;
    for (const std::string& key : stored_.keys()) {
      const auto name = segment::parse_key(key);
      const auto* mark = name ? std::get_if<segment::TrimKey>(&*name) : nullptr;
      if (mark != nullptr) shown += std::to_string(mark->seq.value()) + " ";
    }
    return shown;
  }
  std::size_t dead_rows() { return tables_.list_objects("", 100)->size(); }

  objectstore::ObjectStore* removing_ = &objects_;  ///< What upkeep gets.
  std::unique_ptr<Upkeep> upkeep_;
};

// ---- dead objects

TEST_F(UpkeepTest, ADeadObjectGoesAfterItsGraceAndNotBefore) {
  raise_log_start(0, 4);
  EXPECT_EQ(round(), "ok");
  EXPECT_EQ(trimmed(session_.id()), Seq(2));
  EXPECT_EQ(dead_rows(), 2u);
  run(seconds(99));
  EXPECT_EQ(round(), "ok");
  EXPECT_TRUE(is_stored(object(1)) && is_stored(object(2)));
  run(seconds(2));
  EXPECT_EQ(round(), "ok");
  EXPECT_FALSE(is_stored(object(1)) || is_stored(object(2)));
  EXPECT_TRUE(is_stored(object(3)));
  EXPECT_EQ(dead_rows(), 0u);
  EXPECT_EQ(upkeep().objects_removed(), 2u);
}

// ---- trim marks

TEST_F(UpkeepTest, AMarkOfAllThatIsTrimmedIsThereBeforeTheFirstObjectGoes) {
  raise_log_start(0, 2);
  EXPECT_EQ(round(), "ok");
  run(seconds(50));
  raise_log_start(0, 4);
  EXPECT_EQ(round(), "ok");
  EXPECT_EQ(marks(), "");
  run(seconds(51));
  faults_.set_rates(StoreOperation::kDelete, {.refused = 1});
  EXPECT_EQ(round(), "unavailable");
  EXPECT_TRUE(is_stored(object(1)));
  EXPECT_EQ(marks(), "2 ");
  faults_.stop();
  run(seconds(60));
  faults_.set_rates(StoreOperation::kPut, {.refused = 1});
  EXPECT_EQ(round(), "ok") << "the mark covers the next object too";
  EXPECT_FALSE(is_stored(object(1)) || is_stored(object(2)));
  EXPECT_EQ(marks(), "2 ");
}

TEST_F(UpkeepTest, NothingGoesWithoutAMark) {
  raise_log_start(0, 4);
  EXPECT_EQ(round(), "ok");
  run(seconds(101));
  faults_.set_rates(StoreOperation::kPut, {.refused = 1});
  EXPECT_EQ(round(), "unavailable");
  EXPECT_TRUE(is_stored(object(1)) && is_stored(object(2)));
  EXPECT_EQ(dead_rows(), 2u);
}

TEST_F(UpkeepTest, AMarkReplacesTheOnesBefore) {
  for (const std::int64_t base : {6, 8, 10})
    commit(4 + (base - 6) / 2, {{.base = base, .batches = 2}});
  ASSERT_TRUE(tables_.checkpoint(session_.id(), Seq(6), {}));
  for (const std::int64_t next : {2, 4, 8}) {
    raise_log_start(0, next);
    EXPECT_EQ(round(), "ok");
    run(seconds(101));
    EXPECT_EQ(round(), "ok");
    EXPECT_EQ(marks(), std::to_string(next / 2) + " ");
  }
}

TEST_F(UpkeepTest, TheMarkOfASealedSessionGoesWithTheLastOfItsObjects) {
  raise_log_start(0, 2);
  EXPECT_EQ(round(), "ok");
  raise_log_start(0, 6);
  take_over(session_.id(), {{0, 6}});
  EXPECT_EQ(round(), "ok");
  EXPECT_EQ(dead_rows(), 3u);
  run(seconds(101));
  EXPECT_EQ(round(), "ok");
  EXPECT_EQ(marks(), "3 ") << "the seal's marker is not stored yet";
  ASSERT_TRUE(wait(stored_.put(segment::to_key(segment::SealKey{session_.id()}), {})));
  run(seconds(101));
  EXPECT_EQ(round(), "ok");
  EXPECT_EQ(marks(), "");
  run(seconds(101));
  EXPECT_EQ(round(), "ok");
  EXPECT_EQ(marks(), "");
}

TEST_F(UpkeepTest, TheMarkOfASealedSessionStaysWhileARowNamesAnObject) {
  raise_log_start(0, 2);
  EXPECT_EQ(round(), "ok");
  run(seconds(101));
  EXPECT_EQ(round(), "ok");
  EXPECT_EQ(marks(), "1 ");
  take_over(session_.id(), {{0, 6}});
  ASSERT_TRUE(wait(stored_.put(segment::to_key(segment::SealKey{session_.id()}), {})));
  for (int i = 0; i < 3; ++i) {
    run(seconds(101));
    EXPECT_EQ(round(), "ok");
    EXPECT_EQ(marks(), "1 ");
  }
}

TEST_F(UpkeepTest, AnObjectIsForgottenOnlyOnceItIsGone) {
  raise_log_start(0, 4);
  EXPECT_EQ(round(), "ok");
  run(seconds(101));
  faults_.set_rates(StoreOperation::kDelete, {.refused = 1});
  EXPECT_EQ(round(), "unavailable");
  EXPECT_TRUE(is_stored(object(1)));
  EXPECT_EQ(dead_rows(), 2u);
  faults_.stop();
  EXPECT_EQ(round(), "ok");
  EXPECT_FALSE(is_stored(object(1)));
  EXPECT_EQ(dead_rows(), 0u);
}

TEST_F(UpkeepTest, ARemovalWhoseAnswerWasLostIsRepeated) {
  raise_log_start(0, 2);
  EXPECT_EQ(round(), "ok");
  run(seconds(101));
  faults_.set_rates(StoreOperation::kDelete, {.reply_lost = 1});
  EXPECT_EQ(round(), "unavailable");
  EXPECT_FALSE(is_stored(object(1)));
  faults_.stop();
  EXPECT_EQ(dead_rows(), 1u);
  EXPECT_EQ(round(), "ok");
  EXPECT_EQ(dead_rows(), 0u);
}

TEST_F(UpkeepTest, ManyDeadObjectsGoInOneRound) {
  for (int i = 0; i < 1'200; ++i) commit(4 + i, {{.base = 6 + i}});
  ASSERT_TRUE(tables_.checkpoint(session_.id(), Seq(1'203), {}));
  raise_log_start(0, 1'206);
  EXPECT_EQ(round(), "ok");
  EXPECT_EQ(trimmed(session_.id()), Seq(1'202)) << "the newest row stays (P3)";
  run(seconds(101));
  EXPECT_EQ(round(), "ok");
  EXPECT_EQ(stored_.object_count(), 2u) << "the newest object, and a trim mark";
  EXPECT_EQ(dead_rows(), 0u);
}

TEST_F(UpkeepTest, AStoreThatRemovesManyAtOnceIsAskedOnceForMany) {
  for (int i = 0; i < 700; ++i) commit(4 + i, {{.base = 6 + i}});
  ASSERT_TRUE(tables_.checkpoint(session_.id(), Seq(703), {}));
  raise_log_start(0, 706);
  objectstore::BatchingStore batching(objects_, 300);
  removing_ = &batching;
  EXPECT_EQ(round(), "ok");
  run(seconds(101));
  batching.refuse({object(7), object(8)});
  EXPECT_EQ(round(), "unavailable");
  EXPECT_TRUE(is_stored(object(7)) && is_stored(object(8)));
  EXPECT_EQ(dead_rows(), 2u) << "what is gone is forgotten, what is left is not";
  batching.refuse({});
  EXPECT_EQ(round(), "ok");
  EXPECT_EQ(stored_.object_count(), 2u) << "the newest object, and a trim mark";
  EXPECT_EQ(dead_rows(), 0u);
  EXPECT_EQ(upkeep().objects_removed(), 702u);
  EXPECT_EQ(batching.requests(), (std::vector<std::size_t>{300, 200, 202, 2}));
}

TEST_F(UpkeepTest, NothingIsRemovedOnceTheDatabaseHasLostRows) {
  raise_log_start(0, 4);
  EXPECT_EQ(round(), "ok");
  run(seconds(101));
  session_.freeze(base::make_error(base::Errc::kRegressed, "rows are gone"));
  EXPECT_EQ(round(), "ok");
  EXPECT_TRUE(is_stored(object(1)) && is_stored(object(2)));
  EXPECT_EQ(dead_rows(), 2u);
}

TEST_F(UpkeepTest, NothingIsTrimmedOrRemovedWhileALossIsDeclared) {
  raise_log_start(0, 4);
  EXPECT_EQ(round(), "ok");
  run(seconds(101));
  ASSERT_TRUE(wait(session_.declare_loss("rows are gone")));
  raise_log_start(0, 6);
  EXPECT_EQ(round(), "regressed");
  EXPECT_TRUE(is_stored(object(1)) && is_stored(object(2)));
  EXPECT_EQ(trimmed(session_.id()), Seq(2));
  EXPECT_EQ(dead_rows(), 2u);
  ASSERT_TRUE(wait(cluster::FreezeMark(metadata_).clear()));
  EXPECT_EQ(round(), "ok");
  EXPECT_FALSE(is_stored(object(1)));
}

// ---- logs

TEST_F(UpkeepTest, OwnLogIsTrimmedWithoutANewCheckpointAndNoFurtherThanTheOldOne) {
  commit(4, {{.base = 6}});
  commit(5, {{.base = 7}});
  raise_log_start(0, 8);
  EXPECT_EQ(round(), "ok");
  EXPECT_EQ(trimmed(session_.id()), Seq(3));
}

TEST_F(UpkeepTest, ARecoveredLogIsTrimmedUpToItsSeal) {
  raise_log_start(0, 6);
  take_over(session_.id(), {{0, 6}});
  EXPECT_EQ(round(), "ok");
  EXPECT_EQ(trimmed(session_.id()), Seq(3));
}

TEST_F(UpkeepTest, ALogThatIsBeingTakenOverIsLeftAlone) {
  raise_log_start(0, 6);
  ASSERT_TRUE(tables_.seal_session(session_.id()));
  EXPECT_EQ(round(), "ok");
  EXPECT_EQ(trimmed(session_.id()), Seq(0));
}

TEST_F(UpkeepTest, TheObjectsOfAPurgedTopicGo) {
  take_over(session_.id(), {{0, 6}});
  ASSERT_TRUE(tables_.delete_topic(tables_.get_topic("orders")->id));
  ASSERT_TRUE(tables_.purge_topic(model::TopicNo(1)));
  EXPECT_EQ(round(), "ok");
  run(seconds(101));
  EXPECT_EQ(round(), "ok");
  EXPECT_EQ(stored_.object_count(), 1u) << "a trim mark, until the seal's marker is stored";
}

// ---- sweep

TEST_F(UpkeepTest, WhatWasPutAndNotCommittedGoesOnceItsSessionIsSealed) {
  put(session_.id(), 4, {{.base = 6}});
  run(seconds(1'000));
  EXPECT_EQ(round(), "ok");
  EXPECT_TRUE(is_stored(object(4))) << "its append may be on its way (S3)";
  take_over(session_.id(), {{0, 6}});
  EXPECT_EQ(round(), "ok");
  EXPECT_FALSE(is_stored(object(4)));
  EXPECT_EQ(stored_.object_count(), 3u);
}

TEST_F(UpkeepTest, ASweepLeavesDeadObjectsTheirGrace) {
  raise_log_start(0, 4);
  take_over(session_.id(), {{0, 6}});
  EXPECT_EQ(round(), "ok");
  EXPECT_EQ(trimmed(session_.id()), Seq(2));
  EXPECT_EQ(stored_.object_count(), 3u);
}

TEST_F(UpkeepTest, APutThatLandsLateIsFoundByALaterSweep) {
  take_over(session_.id(), {{0, 6}});
  EXPECT_EQ(round(), "ok");
  put(session_.id(), 4, {{.base = 6}});
  run(seconds(40));
  EXPECT_EQ(round(), "ok");
  EXPECT_TRUE(is_stored(object(4)));
  run(seconds(11));
  EXPECT_EQ(round(), "ok");
  EXPECT_FALSE(is_stored(object(4)));
}

TEST_F(UpkeepTest, AVoidRowKeepsNothing) {
  raise_log_start(0, 2);
  take_over(session_.id(), {{0, 6}});
  ASSERT_EQ(tables_.trim(session_.id(), Seq(9)), Seq(1));
  ASSERT_TRUE(tables_.forget_objects({object(1)}));
  const auto again = build(session_.id(), 1, {{.base = 0, .batches = 2}});
  append(session_.id(), 1, again);  // a late copy
  EXPECT_EQ(round(), "ok");
  EXPECT_FALSE(is_stored(object(1)));
  EXPECT_EQ(stored_.object_count(), 2u);
}

TEST_F(UpkeepTest, ASweepThatCouldNotRemoveIsDoneAgain) {
  put(session_.id(), 4, {{.base = 6}});
  take_over(session_.id(), {{0, 6}});
  faults_.set_rates(StoreOperation::kDelete, {.refused = 1});
  EXPECT_EQ(round(), "unavailable");
  faults_.stop();
  EXPECT_EQ(round(), "ok");
  EXPECT_FALSE(is_stored(object(4)));
}

TEST_F(UpkeepTest, ADatabaseThatSeemsToHaveLostCommitsStopsTheSweepAndSaysSo) {
  const auto other = open_session(5, "agent-2");
  for (int i = 1; i < 70; ++i) put(other, i, {{.base = 6}});
  ASSERT_TRUE(tables_.seal_session(other));
  EXPECT_EQ(round(), "regressed");
  EXPECT_TRUE(is_stored(object(other, 1)));
}

TEST_F(UpkeepTest, AnObjectThatKnowsOfCommitsBehindTheSealStopsTheSweep) {
  take_over(session_.id(), {{0, 6}});
  const segment::BuiltObject orphan =
      segment::build_object({.identity = {segment::ObjectLevel::kFlushed, session_.id(), Seq(6)},
                             .cluster = {},
                             .known_committed = Seq(5)},
                            content({{.base = 8}}));
  ASSERT_TRUE(wait(stored_.put(object(6), orphan.chunks)));
  EXPECT_EQ(round(), "regressed");
  EXPECT_TRUE(is_stored(object(6)));
  EXPECT_TRUE(wait(session_.check_no_loss())) << "it is over: there is nothing left to keep from";
}

TEST_F(UpkeepTest, AnOrphanWhoseHeaderCannotBeReadIsNotRemoved) {
  take_over(session_.id(), {{0, 6}});
  put(session_.id(), 6, {{.base = 8}});
  damage_object(object(6), [](base::ByteVector& bytes) { bytes[20] ^= 1; });
  EXPECT_EQ(round(), "corrupt");
  EXPECT_TRUE(is_stored(object(6)));
}

// ---- sweep of what compaction wrote

TEST_F(UpkeepTest, OutputsThatNobodyNamesGoOnceTheirCompactorIsSealed) {
  const auto other = open_session(5, "agent-2");
  const Compaction outputs{.compactor = other, .last_seq = 2, .objects = {{{.batches = 4}}}};
  put_compacted(outputs);
  take_over(session_.id(), {{0, 6}});
  EXPECT_EQ(round(), "ok");
  EXPECT_TRUE(is_stored(compacted(outputs, 0))) << "its replacement may be on its way (S3)";
  ASSERT_TRUE(tables_.seal_session(other));
  EXPECT_EQ(outcome(replace(outputs)), "fenced") << "and now it can come no more (P15)";
  EXPECT_EQ(round(), "ok");
  EXPECT_FALSE(is_stored(compacted(outputs, 0)));
  EXPECT_EQ(stored_.object_count(), 3u);
}

TEST_F(UpkeepTest, OutputsThatAreNamedStayUntilTheirGraceIsOver) {
  const auto other = open_session(5, "agent-2");
  const Compaction outputs{.compactor = other,
                           .last_seq = 2,
                           .objects = {{{.batches = 2}}, {{.base = 2, .batches = 2}}}};
  put_compacted(outputs);
  ASSERT_TRUE(replace(outputs));
  ASSERT_TRUE(tables_.seal_session(other));
  EXPECT_EQ(round(), "ok");
  EXPECT_TRUE(is_stored(compacted(outputs, 0)) && is_stored(compacted(outputs, 1)));
  raise_log_start(0, 2);
  ASSERT_EQ(tables_.delete_segments_before(key(0), model::Offset(2), 10), 1u);
  run(seconds(60));
  EXPECT_EQ(round(), "ok");
  EXPECT_TRUE(is_stored(compacted(outputs, 0))) << "dead, and looked at by the next sweep";
  run(seconds(50));
  EXPECT_EQ(round(), "ok");
  EXPECT_FALSE(is_stored(compacted(outputs, 0)));
  EXPECT_TRUE(is_stored(compacted(outputs, 1)));
}

TEST_F(UpkeepTest, ManyOutputsAreComparedWithTheirRowsPageByPage) {
  const auto other = open_session(5, "agent-2");
  Compaction outputs{.compactor = other, .last_seq = 2};
  for (int i = 0; i < 1'100; ++i) outputs.objects.push_back({{.base = i}});
  put_compacted(outputs);
  std::vector<std::string> lost;
  for (const std::size_t at : {0u, 499u, 500u, 501u, 999u, 1'000u, 1'099u}) {
    lost.push_back(compacted(outputs, at));
  }
  ASSERT_TRUE(replace(outputs));
  ASSERT_TRUE(tables_.seal_session(other));
  damage([&](metadata::MemoryTables& tables) {
    for (const std::string& name : lost) tables.objects.erase(name);
  });
  EXPECT_EQ(round(), "ok");
  for (const std::string& name : lost) EXPECT_FALSE(is_stored(name)) << name;
  EXPECT_EQ(stored_.object_count(), 3 + 1'100 - lost.size());
}

TEST_F(UpkeepTest, ASweepOfOutputsThatFailedIsDoneAgain) {
  const auto other = open_session(5, "agent-2");
  const Compaction outputs{.compactor = other, .last_seq = 2, .objects = {{{.batches = 4}}}};
  put_compacted(outputs);
  ASSERT_TRUE(tables_.seal_session(other));
  faults_.set_rates(StoreOperation::kDelete, {.refused = 1});
  EXPECT_EQ(round(), "unavailable");
  EXPECT_TRUE(is_stored(compacted(outputs, 0)));
  faults_.stop();
  EXPECT_EQ(round(), "ok");
  EXPECT_FALSE(is_stored(compacted(outputs, 0)));
}

TEST_F(UpkeepTest, ADatabaseThatSeemsToHaveLostReplacementsStopsTheSweepOfOutputs) {
  const auto other = open_session(5, "agent-2");
  Compaction outputs{.compactor = other, .last_seq = 2};
  for (int i = 0; i < 70; ++i) outputs.objects.push_back({{.base = i}});
  put_compacted(outputs);
  ASSERT_TRUE(tables_.seal_session(other));
  EXPECT_EQ(round(), "regressed");
  EXPECT_TRUE(is_stored(compacted(outputs, 0)));
  EXPECT_EQ(round(), "regressed") << "until somebody has looked at it";
}

// ---- the loop

TEST_F(UpkeepTest, TheLoopWorksUntilTheGroupStopsAndTellsOfTrouble) {
  group_.spawn(upkeep().run());
  raise_log_start(0, 4);
  faults_.set_rates({.refused = 1});
  run(seconds(125));
  ASSERT_TRUE(upkeep().trouble());
  EXPECT_THAT(upkeep().trouble()->text, testing::HasSubstr("2 objects could not be removed now: "))
      << "and why";
  EXPECT_THAT(upkeep().trouble()->text, testing::HasSubstr("injected fault"));
  faults_.stop();
  run(seconds(20));
  EXPECT_FALSE(upkeep().trouble());
  EXPECT_EQ(stored_.object_count(), 2u) << "the newest object, and a trim mark";
  wait(group_.close());
}

TEST_F(UpkeepTest, AFrozenSessionEndsTheLoop) {
  raise_log_start(0, 4);
  group_.spawn(upkeep().run());
  session_.freeze(base::make_error(Errc::kRegressed, "rows are lost"));
  run(seconds(300));
  EXPECT_EQ(trimmed(session_.id()), Seq(0));
  EXPECT_EQ(stored_.object_count(), 3u);
  EXPECT_EQ(group_.size(), 0u);
  ASSERT_TRUE(upkeep().trouble()) << "nothing will be removed any more";
  EXPECT_EQ(upkeep().trouble()->text, "rows are lost");
}

}  // namespace
}  // namespace streamhouse::upkeep
