// Goal: each invariant that the checks name is seen to be broken when it is, and nothing is
// reported of a database that the operations made.
// Method: a small database is made by operations, then one table is damaged by hand.
#include "metadata/memory/memory_invariants.h"

#include <gtest/gtest.h>

#include "metadata/memory/memory_metadata.h"
#include "segment/object_key.h"

namespace streamhouse::metadata {
namespace {

constexpr SessionId kLive{5};
constexpr SessionId kDead{6};
constexpr TopicPartition kLed{model::TopicNo(1), model::PartitionIndex(0)};
constexpr TopicPartition kFree{model::TopicNo(1), model::PartitionIndex(1)};

CommitEntry commit(TopicPartition key, std::int64_t base, std::int64_t next) {
  segment::SpanTable spans{{.partition = key,
                            .epoch = LeaderEpoch(1),
                            .offsets = {Offset(base), Offset(next)},
                            .length = 10,
                            .batch_count = 1}};
  segment::place_spans(spans, 64);
  return {.object_size = 100, .spans = base::Bytes(segment::encode_span_table(spans))};
}

/// Topic 1 with two partitions: one led by kLive with [0,5) in row 1 and [5,9) in row 2, row 1
/// covered by a checkpoint; one freed by the recovery of kDead with [0,4).
class MemoryInvariantsTest : public testing::Test {
 protected:
  MemoryInvariantsTest() {
    MemoryMetadata metadata([] { return 1; }, model::TopicId{{1}});
    bool ok = metadata.create_topic({.name = "t", .id = {{2}}, .partition_count = 2}).has_value();
    for (const SessionId id : {kLive, kDead})
      ok &=
          metadata
              .open_session(
                  {.id = id, .agent = {.agent_id = id == kLive ? "live" : "dead"}, .timeout_ms = 9})
              .has_value();
    ok &= metadata.acquire_leases(kLive, {{.key = kLed, .since_seq = Seq(1)}}).has_value();
    ok &= metadata.acquire_leases(kDead, {{.key = kFree, .since_seq = Seq(1)}}).has_value();
    ok &= metadata.append(kLive, Seq(1), commit(kLed, 0, 5)).has_value();
    ok &= metadata.append(kLive, Seq(2), commit(kLed, 5, 9)).has_value();
    ok &= metadata.checkpoint(kLive, Seq(1), {}).has_value();
    ok &= metadata.append(kDead, Seq(1), commit(kFree, 0, 4)).has_value();
    ok &= metadata.seal_session(kDead).has_value();
    ok &=
        metadata
            .recover_partitions(
                kDead, {{.partition = kFree, .epoch = LeaderEpoch(1), .high_watermark = Offset(4)}})
            .has_value();
    ok &= metadata.finish_recovery(kDead).has_value();
    const ShardGuard guard{.shard = kLed, .owner = kLive, .epoch = LeaderEpoch(1)};
    ok &= metadata.commit_offsets(guard, "g", 1, {{.key = kFree, .offset = Offset(1)}}).has_value();
    EXPECT_TRUE(ok);
    sound_ = tables_ = metadata.tables();
  }

  SessionRecord& live() { return tables_.sessions.at(kLive); }
  SessionRecord& dead() { return tables_.sessions.at(kDead); }
  Partition& led() { return tables_.partitions.at(kLed); }
  Partition& free_one() { return tables_.partitions.at(kFree); }
  static std::shared_ptr<const CheckedRow> row(Seq seq, RowKind kind) {
    return std::make_shared<const CheckedRow>(CheckedRow{.row = {.seq = seq, .kind = kind}});
  }
  void add_segment(Offset base, Offset next) {
    tables_.segments[{kFree, next}] = {.key = kFree,
                                       .location = {.offsets = {base, next}, .object_key = "seg"}};
  }
  /// The names of what check_invariants reports, each once, after a space.
  std::string broken() const { return names(check_invariants(tables_)); }
  std::string back() const { return names(check_progress(sound_, tables_)); }
  std::string untiled() const { return names(check_tiling(tables_)); }

  MemoryTables tables_;
  MemoryTables sound_;

 private:
  static std::string names(const std::vector<Violation>& violations) {
    std::set<std::string> sorted;
    for (const Violation& violation : violations) sorted.insert(violation.name);
    std::string text;
    for (const std::string& name : sorted) text += " " + name;
    return text;
  }
};

TEST_F(MemoryInvariantsTest, ASoundDatabaseHasNoViolation) {
  EXPECT_EQ(to_string(check_invariants(tables_)), "");
  EXPECT_EQ(to_string(check_progress(sound_, tables_)), "");
  EXPECT_EQ(to_string(check_tiling(tables_)), "");
}

TEST_F(MemoryInvariantsTest, AGapOrAMissingOpenRowBreaksP1) {
  live().log.erase(Seq(1));
  EXPECT_EQ(broken(), " P1");
  tables_ = sound_;
  live().log.erase(Seq(0));
  EXPECT_EQ(broken(), " P1");
  live().log.clear();
  EXPECT_EQ(broken(), " P1");
}

TEST_F(MemoryInvariantsTest, ARowAfterTheSealBreaksF1) {
  dead().log[Seq(3)] = row(Seq(3), RowKind::kCommit);
  EXPECT_EQ(broken(), " F1 P2");
}

TEST_F(MemoryInvariantsTest, ALiveSessionWithASealOrASealedOneWithoutBreaksP2) {
  live().log[Seq(3)] = row(Seq(3), RowKind::kSeal);
  EXPECT_EQ(broken(), " P2");
  tables_ = sound_;
  dead().log.erase(Seq(2));
  EXPECT_EQ(broken(), " P2");
}

TEST_F(MemoryInvariantsTest, TrimmingWhatIsNotCoveredOrTheNewestRowBreaksP3) {
  live().log.erase(Seq(1));
  live().session.trimmed_to = Seq(1);
  EXPECT_EQ(broken(), "");
  live().checkpoint.reset();
  EXPECT_EQ(broken(), " P3");
  tables_ = sound_;
  live().checkpoint->upto_seq = Seq(3);
  EXPECT_EQ(broken(), " P3") << "a checkpoint of rows that are not there";
  live().session.trimmed_to = Seq(3);
  EXPECT_EQ(broken(), " P3");
}

TEST_F(MemoryInvariantsTest, AnOwnerThatIsRecoveredUnknownOrWithoutEpochIsNamed) {
  led().owner = kDead;
  EXPECT_EQ(broken(), " P6");
  led().owner = SessionId(99);
  EXPECT_EQ(broken(), " F4");
  tables_ = sound_;
  led().epoch = LeaderEpoch(0);
  EXPECT_EQ(broken(), " F2");
}

TEST_F(MemoryInvariantsTest, AnAgentThatNamesAnothersSessionBreaksP2) {
  tables_.agents.at("live").session = kDead;
  EXPECT_EQ(broken(), " P2");
}

TEST_F(MemoryInvariantsTest, TopicsAndTheirPartitionsBelongTogether) {
  tables_.partitions.erase(kFree);
  EXPECT_EQ(broken(), " orphan") << "also the group's offset";
  tables_ = sound_;
  Topic twin = tables_.topics.at(model::TopicNo(1));
  twin.no = model::TopicNo(2);
  tables_.topics[twin.no] = twin;
  EXPECT_EQ(broken(), " orphan topic-identity");
}

TEST_F(MemoryInvariantsTest, ObjectsLiveExactlyAsLongAsSomethingNamesThem) {
  add_segment(Offset(0), Offset(4));
  EXPECT_EQ(broken(), " S1") << "named but unknown";
  tables_.objects["seg"] = {.row = {.key = "seg"}, .session = kLive, .segment_count = 1};
  EXPECT_EQ(broken(), "");
  tables_.objects["seg"].row.state = ObjectState::kDead;
  EXPECT_EQ(broken(), " S1") << "dead and named";
  tables_ = sound_;
  tables_.objects["leak"] = {.row = {.key = "leak"}, .session = kLive};
  EXPECT_EQ(broken(), " S1");
  tables_ = sound_;
  const std::string key = segment::object_key(kLive, Seq(1));
  tables_.objects[key] = {.row = {.key = key, .state = ObjectState::kDead}, .session = kLive};
  EXPECT_EQ(broken(), " S1") << "a commit names a dead object";
}

TEST_F(MemoryInvariantsTest, AGroupWasWrittenAndAFloorIsOfAShardAndOfNoLaterEpoch) {
  tables_.groups.at("g").group.commit_no = 0;
  EXPECT_EQ(broken(), " P18");
  tables_ = sound_;
  const auto& [shard, row] = *tables_.partitions.begin();
  tables_.group_floors[shard] = {.epoch = row.epoch, .commit_no = 7};
  EXPECT_EQ(broken(), "");
  tables_.group_floors[shard].epoch = LeaderEpoch(row.epoch.value() + 1);
  EXPECT_EQ(broken(), " P18");
  tables_ = sound_;
  tables_.group_floors[{model::TopicNo(77), model::PartitionIndex(0)}] = {};
  EXPECT_EQ(broken(), " orphan");
}

TEST_F(MemoryInvariantsTest, AGapInTheChangeFeedIsSeen) {
  tables_.changes.erase(2);
  EXPECT_EQ(broken(), " change-feed");
  tables_ = sound_;
  tables_.change_latest += 1;
  EXPECT_EQ(broken(), " change-feed");
}

TEST_F(MemoryInvariantsTest, SessionsNeverGoBackOrVanish) {
  dead().session.state = SessionState::kFencing;
  EXPECT_EQ(back(), " P2");
  tables_ = sound_;
  live().session.agent_id = "other";
  EXPECT_EQ(back(), " P2");
  tables_ = sound_;
  sound_.sessions.at(kLive).session.trimmed_to = Seq(1);
  EXPECT_EQ(back(), " P3");
  sound_ = tables_;
  live().log.erase(Seq(2));
  EXPECT_EQ(back(), " P1");
  tables_ = sound_;
  dead().log[Seq(3)] = row(Seq(3), RowKind::kSeal);
  EXPECT_EQ(back(), " F5");
  tables_.sessions.erase(kDead);
  EXPECT_EQ(back(), " F5");
}

TEST_F(MemoryInvariantsTest, PartitionsNeverGoBackOrChangeHandsUnderOneEpoch) {
  free_one().epoch = LeaderEpoch(1);
  EXPECT_EQ(back(), " L4");
  tables_ = sound_;
  free_one().visible_high_watermark = Offset(3);
  EXPECT_EQ(back(), " L4");
  tables_ = sound_;
  sound_.partitions.at(kLed).log_start = Offset(1);
  EXPECT_EQ(back(), " L4");
  sound_ = tables_;
  led().owner = kDead;
  EXPECT_EQ(back(), " F4");
}

TEST_F(MemoryInvariantsTest, CountersNeverGoBack) {
  sound_.producer_id_next = 7;
  EXPECT_EQ(back(), " W5");
  sound_ = tables_;
  sound_.topic_no_latest = 9;
  EXPECT_EQ(back(), " topic-identity");
  sound_ = tables_;
  sound_.change_latest += 1;
  EXPECT_EQ(back(), " change-feed");
}

TEST_F(MemoryInvariantsTest, SpansThatOverlapLeaveAHoleOrMissTheHighWatermarkBreakL3) {
  add_segment(Offset(3), Offset(4));
  EXPECT_EQ(untiled(), " L3") << "overlap";
  tables_ = sound_;
  add_segment(Offset(5), Offset(6));
  EXPECT_EQ(untiled(), " L3") << "hole";
  tables_ = sound_;
  add_segment(Offset(4), Offset(6));
  EXPECT_EQ(untiled(), " L3") << "beyond a free partition's high watermark";
  free_one().high_watermark = Offset(6);
  EXPECT_EQ(untiled(), "");
  tables_ = sound_;
  led().high_watermark = Offset(10);
  EXPECT_EQ(untiled(), " L3") << "short of a led partition's";
  led().high_watermark = Offset(7);
  EXPECT_EQ(untiled(), "") << "a leader may be ahead of its row";
}

TEST_F(MemoryInvariantsTest, SpansBelowTheLogStartMayBeGone) {
  live().log.erase(Seq(1));
  live().session.trimmed_to = Seq(1);
  EXPECT_EQ(untiled(), " L3");
  led().log_start = Offset(5);
  EXPECT_EQ(untiled(), "");
}

}  // namespace
}  // namespace streamhouse::metadata
