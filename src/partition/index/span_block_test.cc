// Goal: a block gives back what was put into it and takes nothing that it could not give back.
// Method: blocks filled to every size; offsets and timestamps at the edges of their 32 bits.

#include "partition/index/span_block.h"

#include <gtest/gtest.h>

#include <limits>
#include <utility>
#include <vector>

namespace streamhouse::partition {
namespace {

constexpr std::uint32_t kMax32 = std::numeric_limits<std::uint32_t>::max();
constexpr std::int64_t kTimeMin = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t kTimeMax = std::numeric_limits<std::int64_t>::max();

PackedSpan span(std::uint32_t offset, std::int64_t max_timestamp = 0) {
  return {.offset = offset,
          .object = offset * 7,
          .length = kMax32 - offset,
          .max_timestamp = max_timestamp};
}

TEST(SpanBlock, GivesBackEverySpanWhileItGrows) {
  SpanBlock block(span(0, 1'000));
  for (std::uint32_t i = 1; i < SpanBlock::kSpansMax; ++i) {
    ASSERT_TRUE(block.accepts(i * 10, 1'000 - i));
    block.push(span(i * 10, 1'000 - i));
    ASSERT_EQ(block.size(), i + 1);
    for (std::uint32_t j = 0; j <= i; ++j) {
      const PackedSpan found = block.at(j);
      ASSERT_EQ(found.offset, j * 10);
      ASSERT_EQ(found.object, j * 70);
      ASSERT_EQ(found.length, kMax32 - j * 10);
      ASSERT_EQ(found.max_timestamp, 1'000 - j);
    }
  }
  EXPECT_FALSE(block.accepts(1'000, 1'000)) << "it is full";
  EXPECT_LE(block.bytes(), SpanBlock::kSpansMax * 17);
}

TEST(SpanBlock, FindsTheLastSpanAtOrBelowAnOffset) {
  SpanBlock block(span(0));
  for (const std::uint32_t offset : {5u, 6u, kMax32}) block.push(span(offset));
  const std::vector<std::pair<std::uint32_t, std::size_t>> expected = {
      {0, 0}, {4, 0}, {5, 1}, {6, 2}, {7, 2}, {kMax32 - 1, 2}, {kMax32, 3}};
  for (const auto& [offset, place] : expected) EXPECT_EQ(block.floor(offset), place) << offset;
}

TEST(SpanBlock, TakesOffsetsOf32BitsAndNoOthers) {
  const SpanBlock block(span(0));
  EXPECT_TRUE(block.accepts(kMax32, 0));
  EXPECT_FALSE(block.accepts(std::uint64_t{kMax32} + 1, 0));
}

TEST(SpanBlock, TakesTimesAroundTheFirstOneAndNoOthers) {
  constexpr std::int64_t kReach = std::int64_t{1} << 31;
  for (const std::int64_t first : {std::int64_t{0}, std::int64_t{-1}, kTimeMin, kTimeMax}) {
    const auto moved = [first](std::int64_t by) {
      return static_cast<std::int64_t>(static_cast<std::uint64_t>(first) +
                                       static_cast<std::uint64_t>(by));
    };
    SpanBlock block(span(0, first));
    EXPECT_EQ(block.at(0).max_timestamp, first);
    EXPECT_TRUE(block.accepts(1, moved(-kReach)));
    EXPECT_TRUE(block.accepts(1, moved(kReach - 1)));
    EXPECT_FALSE(block.accepts(1, moved(-kReach - 1)));
    EXPECT_FALSE(block.accepts(1, moved(kReach)));
    block.push(span(1, moved(kReach - 1)));
    EXPECT_EQ(block.at(1).max_timestamp, moved(kReach - 1));
  }
}

TEST(SpanBlock, KeepsTheRunningMaximumForTheIndex) {
  SpanBlock block(span(0, 5));
  EXPECT_EQ(block.running_max(), 5);
  for (const std::int64_t timestamp : {kTimeMin, std::int64_t{-1}, kTimeMax}) {
    block.set_running_max(timestamp);
    block.push(span(static_cast<std::uint32_t>(block.size()), 4));
    EXPECT_EQ(block.running_max(), timestamp);
  }
}

}  // namespace
}  // namespace streamhouse::partition
