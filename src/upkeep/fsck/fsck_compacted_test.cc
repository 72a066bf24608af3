// Goal: fsck names what is wrong with compacted objects and with the segments that stand for them,
// and finds nothing in what is whole, also while it is compacted. Method: two rows of a log are
// replaced by hand by two objects, which are then damaged in one place; all findings are compared.

#include "tests/upkeep/fsck_world.h"

namespace streamhouse::upkeep {
namespace {

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

class FsckCompactedTest : public upkeep_testing::FsckWorld {
 protected:
  /// Partition 0 holds [0, 7), partition 1 [0, 4), partition 2 [0, 1); rows 1 and 2 are compacted:
  /// partition 0 has an object of its own, the others share one.
  void SetUp() override {
    FsckWorld::SetUp();
    lease_topic(3);
    commit(1, {{.partition = 0, .base = 0, .batches = 3}, {.partition = 1, .batches = 2}});
    commit(2, {{.partition = 0, .base = 3, .batches = 2}, {.partition = 1, .base = 2}, {2}});
    commit(3, {{.partition = 0, .base = 5, .batches = 2}, {.partition = 1, .base = 3}});
    commit(4, {{.partition = 2, .base = 1}});
    checkpoint(3);
    run_ = {.compactor = open_session(5, "agent-2"),
            .first_seq = 1,
            .last_seq = 2,
            .objects = {{{.partition = 0, .batches = 5}}, {{.partition = 1, .batches = 3}, {2}}}};
    put_compacted(run_);
    replaced_row_ = tables_.tables().sessions.at(session_.id()).log.at(Seq(2));
    ASSERT_TRUE(replace(run_));
  }
  void checkpoint(std::int64_t upto) {
    ASSERT_TRUE(tables_.checkpoint(session_.id(), Seq(upto), {}));
  }
  std::string own() const { return compacted(run_, 0); }
  std::string shared() const { return compacted(run_, 1); }
  using Segments = std::map<metadata::MemoryTables::SegmentKey, metadata::Segment>;
  void change_segments(const std::function<void(Segments&)>& change) {
    damage([&](metadata::MemoryTables& tables) { change(tables.segments); });
  }

  Compaction run_;
  std::shared_ptr<const metadata::CheckedRow> replaced_row_;
};

TEST_F(FsckCompactedTest, FindsNothingInWhatIsWholeAndCountsIt) {
  EXPECT_THAT(check(), IsEmpty());
  EXPECT_EQ(sink_.counts.objects, 4) << "two rows, two compacted objects; the dead do not count";
  EXPECT_EQ(sink_.counts.records, 13);
}

TEST_F(FsckCompactedTest, FindsNothingWhereSegmentsWereForgottenBelowTheLogStart) {
  raise_log_start(1, 3);
  ASSERT_EQ(tables_.delete_segments_before(key(1), Offset(3), 10), 1u);
  EXPECT_THAT(check(), IsEmpty()) << "the shared object still holds the span";
  raise_log_start(0, 6);
  ASSERT_EQ(tables_.delete_segments_before(key(0), Offset(6), 10), 1u);
  ASSERT_TRUE(wait(stored_.remove(own())));
  EXPECT_THAT(check(), IsEmpty()) << "dead and removed";
}

// ---- the objects

TEST_F(FsckCompactedTest, NamesAMissingObjectOnce) {
  ASSERT_TRUE(wait(stored_.remove(shared())));
  EXPECT_THAT(check(), ElementsAre(is_of("S1", shared())));
  EXPECT_EQ(sink_.counts.objects, 3);
}

TEST_F(FsckCompactedTest, NamesEveryFlippedBit) {
  const std::size_t size = stored_.peek(own())->size();
  for (std::size_t at = 0; at < size; at += 7) {
    damage_object(own(), [at](base::ByteVector& bytes) { bytes[at] ^= 0x10; });
    EXPECT_THAT(check(), ElementsAre(is_of("R5", own()))) << "byte " << at;
    damage_object(own(), [at](base::ByteVector& bytes) { bytes[at] ^= 0x10; });
  }
}

TEST_F(FsckCompactedTest, NamesAnObjectOfAnotherLength) {
  damage_object(own(), [](base::ByteVector& bytes) { bytes.push_back(0); });
  EXPECT_THAT(check(), ElementsAre(AllOf(is_of("R5", own()), is_named("R5", "its row says"))));
}

TEST_F(FsckCompactedTest, NamesAnObjectThatLiesUnderAnotherName) {
  const auto bytes = *stored_.peek(own());
  replace_object(shared(), bytes);
  damage(
      [&](metadata::MemoryTables& tables) { tables.objects.at(shared()).row.size = bytes.size(); });
  EXPECT_THAT(check(), ElementsAre(AllOf(is_of("W4", shared()), is_named("W4", "seq 1"))));
}

TEST_F(FsckCompactedTest, NamesAnObjectOfAnotherCluster) {
  segment::ObjectHeader header{
      .identity = {segment::ObjectLevel::kCompacted, run_.compactor, Seq(1)}};
  header.cluster[3] = 9;
  const auto bytes = segment::encode_header(header);
  damage_object(own(), [&](base::ByteVector& all) { std::ranges::copy(bytes, all.begin()); });
  EXPECT_THAT(check(), ElementsAre(is_named("R5", "another cluster")));
}

TEST_F(FsckCompactedTest, NamesARowThatStillCountsBesideItsReplacement) {
  damage([this](metadata::MemoryTables& tables) {
    log(tables).session.trimmed_to = Seq(1);
    log(tables).log[Seq(2)] = replaced_row_;
    tables.objects.erase(object(2));
  });
  const Findings found = check();
  EXPECT_THAT(found,
              testing::IsSupersetOf({AllOf(is_of("W4", own()), is_named("W4", "row 2")),
                                     AllOf(is_of("W4", shared()), is_named("W4", "row 2"))}));
  EXPECT_THAT(found, testing::Contains(is_named("L3", "held by an earlier span too")));
}

// ---- the segments

TEST_F(FsckCompactedTest, NamesALostSegment) {
  change_segments([](Segments& segments) { segments.erase({key(1), Offset(3)}); });
  EXPECT_THAT(check(), ElementsAre(is_at("L3", 1, 0)));
}

TEST_F(FsckCompactedTest, NamesASegmentWhoseObjectIsMarkedDead) {
  damage([&](metadata::MemoryTables& tables) {
    tables.objects.at(own()).row.state = metadata::ObjectState::kDead;
  });
  EXPECT_THAT(check(), ElementsAre(AllOf(is_of("S1", own()), is_at("S1", 0, 0))));
}

TEST_F(FsckCompactedTest, NamesSegmentsWhoseObjectHasLostItsRow) {
  damage([&](metadata::MemoryTables& tables) { tables.objects.erase(shared()); });
  EXPECT_THAT(check(), UnorderedElementsAre(AllOf(is_of("S1", shared()), is_at("S1", 1, 0)),
                                            AllOf(is_of("S1", shared()), is_at("S1", 2, 0))));
}

TEST_F(FsckCompactedTest, NamesASegmentThatItsObjectDoesNotHold) {
  const auto expected = ElementsAre(AllOf(is_of("R5", own()), is_at("R5", 0, 0)));
  change_segments([](Segments& segments) { ++segments.at({key(0), Offset(5)}).location.position; });
  EXPECT_THAT(check(), expected);
  change_segments([](Segments& segments) {
    --segments.at({key(0), Offset(5)}).location.position;
    --segments.at({key(0), Offset(5)}).location.length;
  });
  EXPECT_THAT(check(), expected);
}

TEST_F(FsckCompactedTest, NamesASegmentThatPointsIntoAnotherObject) {
  change_segments([this](Segments& segments) {
    auto& location = segments.at({key(0), Offset(5)}).location;
    location.object_key = shared();
    location.object_size = stored_.peek(shared())->size();
  });
  EXPECT_THAT(check(), ElementsAre(AllOf(is_of("R5", shared()), is_at("R5", 0, 0))));
}

// ---- while agents work

TEST_F(FsckCompactedTest, ReportsNothingThatIsCompactedMeanwhile) {
  checkpoint(4);
  const Compaction next{
      .compactor = run_.compactor,
      .first_seq = 3,
      .last_seq = 3,
      .objects = {{{.partition = 0, .base = 5, .batches = 2}, {.partition = 1, .base = 3}}},
      .number = 3};
  put_compacted(next);
  MeddlingStore rows(stored_, object(3), [&] { ASSERT_TRUE(replace(next)); });
  rows.loses_it = true;
  EXPECT_THAT(check(rows), IsEmpty());
}

TEST_F(FsckCompactedTest, ReportsNothingOfAnObjectThatItHasNotSeenInItsList) {
  checkpoint(4);
  // Its key comes before those that are listed by the time it is there.
  const Compaction next{
      .compactor = run_.compactor,
      .first_seq = 3,
      .last_seq = 3,
      .objects = {{{.partition = 0, .base = 5, .batches = 2}, {.partition = 1, .base = 3}}},
      .number = 3};
  put_compacted(next);
  ASSERT_LT(compacted(next, 0), shared());
  MeddlingStore store(stored_, shared(), [&] { ASSERT_TRUE(replace(next)); });
  EXPECT_THAT(check(store), IsEmpty());
}

TEST_F(FsckCompactedTest, ReportsNothingThatDiesMeanwhile) {
  MeddlingStore store(stored_, own(), [&] {
    raise_log_start(0, 6);
    ASSERT_EQ(tables_.delete_segments_before(key(0), Offset(6), 10), 1u);
  });
  store.loses_it = true;
  EXPECT_THAT(check(store), IsEmpty());
}

}  // namespace
}  // namespace streamhouse::upkeep
