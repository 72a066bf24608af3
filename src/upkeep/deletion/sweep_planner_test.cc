// Goal: only objects that nobody names and nobody can name are garbage (P16), and none at all where
// the database seems to have lost commits. Method: names and keys by hand.

#include "upkeep/deletion/sweep_planner.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "segment/object_key.h"

namespace streamhouse::upkeep {
namespace {

using model::Seq;
using model::SessionId;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr SessionId kSession{0xab};

std::string flushed(std::int64_t seq, SessionId session = kSession) {
  return segment::object_key(session, Seq(seq));
}

std::vector<std::string> garbage(const metadata::NamedObjects& named,
                                 const std::vector<std::string>& keys) {
  SweepPlanner planner(kSession, named);
  for (const std::string& key : keys) planner.look_at(key);
  return planner.garbage().value();
}

TEST(SweepPlannerTest, WhatACommitNamesStays) {
  EXPECT_THAT(garbage({.seal = Seq(9), .commits = {Seq(2), Seq(4)}},
                      {flushed(2), flushed(3), flushed(4), flushed(5)}),
              ElementsAre(flushed(3), flushed(5)));
}

TEST(SweepPlannerTest, WhatTheListsNameStaysDeadOnesForTheirGrace) {
  EXPECT_THAT(garbage({.seal = Seq(9), .live = {flushed(6), flushed(1)}, .dead = {flushed(2)}},
                      {flushed(1), flushed(2), flushed(3), flushed(6)}),
              ElementsAre(flushed(3)));
}

TEST(SweepPlannerTest, WhatWasPutAndNeverCommittedGoes) {
  EXPECT_THAT(garbage({.seal = Seq(3), .commits = {Seq(2)}}, {flushed(2), flushed(3), flushed(4)}),
              ElementsAre(flushed(3), flushed(4)));
}

TEST(SweepPlannerTest, TheSealMarkerAndWhatIsNotOfTheSessionStays) {
  EXPECT_THAT(garbage({.seal = Seq(3)},
                      {segment::to_key(segment::SealKey{kSession}), flushed(1, SessionId(0xac)),
                       segment::to_key(segment::CatalogueKey{.version = 4}), "a/stranger",
                       segment::to_key(segment::SegmentKey{.compactor = kSession})}),
              IsEmpty());
}

TEST(SweepPlannerTest, TrimMarksGoOnceTheSealIsStoredAndAllObjectsAreGone) {
  const auto mark = [](SessionId session) {
    return segment::to_key(segment::TrimKey{.session = session, .seq = Seq(2)});
  };
  const std::string other_seal = segment::to_key(segment::SealKey{SessionId(0xac)});
  EXPECT_THAT(garbage({.seal = Seq(3)}, {other_seal, mark(kSession)}), IsEmpty());
  EXPECT_THAT(garbage({.seal = Seq(3)}, {segment::to_key(segment::SealKey{kSession}),
                                         mark(kSession), mark(SessionId(0xac))}),
              ElementsAre(mark(kSession)));
  EXPECT_THAT(garbage({.seal = Seq(3), .dead = {flushed(1)}},
                      {segment::to_key(segment::SealKey{kSession}), mark(kSession), flushed(1)}),
              IsEmpty())
      << "dead objects go in any order, and leave holes between";
  EXPECT_THAT(garbage({.seal = Seq(3), .commits = {Seq(1)}},
                      {segment::to_key(segment::SealKey{kSession}), mark(kSession), flushed(1)}),
              IsEmpty())
      << "it may have died since";
}

TEST(SweepPlannerTest, TheNewestObjectBehindTheSealTellsWhetherTheLogEndedThere) {
  SweepPlanner planner(kSession, {.seal = Seq(5), .commits = {Seq(4)}});
  planner.look_at(flushed(4));
  planner.look_at(flushed(3));
  EXPECT_FALSE(planner.newest_behind_seal());
  for (const std::int64_t seq : {6, 8, 5, 7}) planner.look_at(flushed(seq));
  EXPECT_EQ(planner.newest_behind_seal(), flushed(8));
  EXPECT_TRUE(planner.check_seal(Seq(4)));
  for (const std::int64_t committed : {5, 7}) {
    const auto lost = planner.check_seal(Seq(committed));
    ASSERT_FALSE(lost);
    EXPECT_EQ(lost.error().code, base::Errc::kRegressed);
  }
}

TEST(SweepPlannerTest, ManyObjectsBehindTheSealStopTheSweep) {
  SweepPlanner planner(kSession, {.seal = Seq(3)});
  planner.look_at(flushed(1));
  for (std::size_t i = 0; i < SweepPlanner::kBehindSealMax; ++i) {
    planner.look_at(flushed(3 + static_cast<std::int64_t>(i)));
  }
  EXPECT_EQ(planner.garbage()->size(), SweepPlanner::kBehindSealMax + 1);
  planner.look_at(flushed(1'000));
  const auto refused = planner.garbage();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, base::Errc::kRegressed);
  EXPECT_THAT(refused.error().text, testing::HasSubstr(to_string(kSession)));
}

}  // namespace
}  // namespace streamhouse::upkeep
