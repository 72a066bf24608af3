// Goal: a log starts where what is held goes on to its end without a gap, and whatever is held
// twice or by nobody is named. Method: tiles written by hand; random ones against a count of how
// often each offset is held.
#include "upkeep/rebuild/tile_planner.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace streamhouse::upkeep {
namespace {

using model::Offset;
using testing::IsEmpty;

Tile tile(Tile::Kind kind, std::int64_t base, std::int64_t next, std::uint32_t object = 0) {
  return {.offsets = {Offset(base), Offset(next)}, .kind = kind, .object = object};
}
Tile span(std::int64_t base, std::int64_t next) { return tile(Tile::Kind::kSpan, base, next); }
Tile segment(std::int64_t base, std::int64_t next, std::uint32_t object = 0) {
  return tile(Tile::Kind::kSegment, base, next, object);
}

TEST(TilePlannerTest, WhatFollowsEachOtherIsALog) {
  const Tiling tiling = plan_tiles({span(7, 9), segment(3, 5), span(5, 7)}, Offset(9));
  EXPECT_THAT(tiling.gaps, IsEmpty());
  EXPECT_EQ(tiling.log_start, Offset(3));
  EXPECT_EQ(tiling.next_offset, Offset(9));
  EXPECT_EQ(tiling.segments.size(), 1u);
}

TEST(TilePlannerTest, WithoutATileTheLogIsEmptyAtItsEnd) {
  const Tiling tiling = plan_tiles({}, Offset(55));
  EXPECT_THAT(tiling.gaps, IsEmpty());
  EXPECT_EQ(tiling.log_start, Offset(55));
  EXPECT_EQ(tiling.next_offset, Offset(55));
}

TEST(TilePlannerTest, AHoleEndsWhatCanBeReadBeforeIt) {
  const Tiling tiling = plan_tiles({segment(0, 3), span(4, 6), segment(6, 8)}, Offset(8));
  ASSERT_EQ(tiling.gaps.size(), 1u);
  EXPECT_EQ(tiling.gaps[0].offsets, (model::OffsetRange{Offset(3), Offset(4)}));
  EXPECT_FALSE(tiling.gaps[0].tile);
  EXPECT_EQ(tiling.log_start, Offset(4));
  ASSERT_EQ(tiling.segments.size(), 1u) << "the one below the log start is not needed";
  EXPECT_EQ(tiling.segments[0].offsets.base, Offset(6));
}

TEST(TilePlannerTest, AHoleAtTheEndIsOneToo) {
  const Tiling tiling = plan_tiles({span(0, 3)}, Offset(9));
  ASSERT_EQ(tiling.gaps.size(), 1u);
  EXPECT_EQ(tiling.gaps[0].offsets, (model::OffsetRange{Offset(3), Offset(9)}));
  EXPECT_EQ(tiling.log_start, Offset(9));
  EXPECT_EQ(tiling.next_offset, Offset(9));
}

TEST(TilePlannerTest, OfSegmentsOneThatAddsNothingIsLeftOut) {
  const Tiling tiling =
      plan_tiles({segment(0, 4, 2), segment(0, 9, 1), segment(4, 9, 3), span(9, 10)}, Offset(10));
  EXPECT_THAT(tiling.gaps, IsEmpty());
  ASSERT_EQ(tiling.segments.size(), 1u);
  EXPECT_EQ(tiling.segments[0].object, 1u);
  EXPECT_EQ(tiling.log_start, Offset(0));
}

TEST(TilePlannerTest, WhatIsHeldTwiceIsNamedAndLeftBehind) {
  const Tiling tiling = plan_tiles({span(0, 5), span(3, 8), span(8, 9)}, Offset(9));
  ASSERT_EQ(tiling.gaps.size(), 1u);
  EXPECT_EQ(tiling.gaps[0].offsets, (model::OffsetRange{Offset(3), Offset(5)}));
  ASSERT_TRUE(tiling.gaps[0].tile);
  EXPECT_EQ(tiling.gaps[0].tile->offsets.base, Offset(3));
  EXPECT_EQ(tiling.log_start, Offset(5));
}

TEST(TilePlannerTest, WhateverThereIsEveryOffsetOfTheLogIsHeldOnce) {
  std::mt19937_64 chance(5);
  for (int round = 0; round < 3'000; ++round) {
    std::vector<Tile> tiles;
    for (std::uint64_t i = chance() % 7; i > 0; --i) {
      const auto base = static_cast<std::int64_t>(chance() % 12);
      const auto next = base + 1 + static_cast<std::int64_t>(chance() % 5);
      tiles.push_back(chance() % 2 == 0 ? span(base, next)
                                        : segment(base, next, static_cast<std::uint32_t>(i)));
    }
    const auto known_end = static_cast<std::int64_t>(chance() % 18);
    const Tiling tiling = plan_tiles(tiles, Offset(known_end));
    std::erase_if(tiles, [](const Tile& one) { return one.kind == Tile::Kind::kSegment; });
    std::ranges::copy(tiling.segments, std::back_inserter(tiles));
    EXPECT_GE(tiling.next_offset, Offset(known_end));
    for (Offset at = tiling.log_start; at < tiling.next_offset + 3; ++at) {
      const auto held =
          std::ranges::count_if(tiles, [at](const Tile& one) { return one.offsets.contains(at); });
      ASSERT_EQ(held, at < tiling.next_offset ? 1 : 0) << "offset " << at << " round " << round;
    }
  }
}

}  // namespace
}  // namespace streamhouse::upkeep
