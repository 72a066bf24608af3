// Goal: of what compaction wrote, only objects of sealed sessions that have no row are garbage
// (P15, P16), and none at all where the database seems to have lost rows. Method: rows and keys by
// hand.

#include "upkeep/deletion/compacted_sweep_planner.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "segment/object_key.h"

namespace streamhouse::upkeep {
namespace {

using model::SessionId;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr SessionId kSealed{0xab};
constexpr SessionId kOther{0xac};

std::string output(std::int64_t number, SessionId compactor = kSealed) {
  return segment::to_key(segment::SegmentKey{.compactor = compactor, .number = number});
}

metadata::ObjectRow row(std::int64_t number,
                        metadata::ObjectState state = metadata::ObjectState::kLive) {
  return {.key = output(number), .level = 1, .state = state};
}

TEST(CompactedSweepPlannerTest, WhatHasARowStaysAlsoADeadOneForItsGrace) {
  CompactedSweepPlanner planner({kSealed});
  planner.set_rows({row(1), row(2, metadata::ObjectState::kDead)});
  for (int i = 1; i <= 3; ++i) planner.look_at(output(i));
  EXPECT_THAT(planner.garbage().value(), ElementsAre(output(3)));
}

TEST(CompactedSweepPlannerTest, RowsHoldForTheKeysLookedAtAfterThem) {
  CompactedSweepPlanner planner({kSealed});
  planner.set_rows({row(1)});
  planner.look_at(output(1));
  planner.set_rows({row(3)});
  planner.look_at(output(2));
  planner.look_at(output(3));
  EXPECT_THAT(planner.garbage().value(), ElementsAre(output(2)));
}

TEST(CompactedSweepPlannerTest, WhatIsNotOfASealedSessionStays) {
  CompactedSweepPlanner planner({kSealed});
  for (const std::string& key : {output(1, kOther), segment::object_key(kSealed, model::Seq(1)),
                                 segment::to_key(segment::SealKey{kSealed}),
                                 segment::to_key(segment::CatalogueKey{.version = 4}),
                                 std::string(segment::kCompactedPrefix) + "stranger"}) {
    planner.look_at(key);
  }
  EXPECT_THAT(planner.garbage().value(), IsEmpty());
}

TEST(CompactedSweepPlannerTest, ManyNamelessObjectsOfOneCompactorStopTheSweep) {
  CompactedSweepPlanner planner({kSealed, kOther});
  for (std::size_t i = 0; i < CompactedSweepPlanner::kUnnamedMax; ++i) {
    planner.look_at(output(static_cast<std::int64_t>(i)));
    planner.look_at(output(static_cast<std::int64_t>(i), kOther));
  }
  EXPECT_EQ(planner.garbage()->size(), 2 * CompactedSweepPlanner::kUnnamedMax);
  planner.look_at(output(1'000, kOther));
  const auto refused = planner.garbage();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, base::Errc::kRegressed);
  EXPECT_THAT(refused.error().text, testing::HasSubstr(to_string(kOther)));
}

}  // namespace
}  // namespace streamhouse::upkeep
