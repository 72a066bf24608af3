// Goal: a Consume stream ends exactly where its request says.
// Method: the bounds alone and together, offered record after record.
#include "rpc/consume/consume_limits.h"

#include <gtest/gtest.h>

namespace streamhouse::rpc {
namespace {

using model::Offset;

/// How many of `count` records of `bytes` each are let through.
int admitted(ConsumeLimits& limits, int count, std::size_t bytes) {
  int taken = 0;
  for (int i = 0; i < count && limits.admits(Offset(i), bytes); ++i, ++taken) limits.take(bytes);
  return taken;
}

TEST(ConsumeLimitsTest, WithoutBoundsEverythingIsWanted) {
  ConsumeLimits limits({});
  EXPECT_EQ(admitted(limits, 1'000, 1u << 20), 1'000);
  EXPECT_FALSE(limits.ended(Offset(1'000)));
}

TEST(ConsumeLimitsTest, EndsAfterSoManyRecords) {
  ConsumeLimits limits({.records = 3});
  EXPECT_FALSE(limits.ended(Offset(0)));
  EXPECT_EQ(admitted(limits, 10, 1), 3);
  EXPECT_TRUE(limits.ended(Offset(3)));
}

TEST(ConsumeLimitsTest, EndsAtItsEndOffset) {
  ConsumeLimits limits({.end = Offset(4)});
  EXPECT_EQ(admitted(limits, 10, 1), 4);
  EXPECT_TRUE(limits.ended(Offset(4)));
  ConsumeLimits empty({.end = Offset(4)});
  EXPECT_TRUE(empty.ended(Offset(4)));
  EXPECT_FALSE(empty.ended(Offset(3)));
}

TEST(ConsumeLimitsTest, EndsBeforeTheRecordThatPassesTheBytes) {
  ConsumeLimits limits({.bytes = 25});
  EXPECT_EQ(admitted(limits, 10, 10), 2);
  EXPECT_TRUE(limits.ended(Offset(2)));
}

TEST(ConsumeLimitsTest, FirstRecordIsLetThroughHoweverLarge) {
  ConsumeLimits limits({.bytes = 5});
  EXPECT_EQ(admitted(limits, 10, 100), 1);
  EXPECT_TRUE(limits.ended(Offset(1)));
}

TEST(ConsumeLimitsTest, RecordsWithoutContentCountNoBytes) {
  ConsumeLimits limits({.bytes = 5});
  EXPECT_EQ(admitted(limits, 10, 0), 10);
  EXPECT_FALSE(limits.ended(Offset(10)));
}

TEST(ConsumeLimitsTest, LittleIsReadForLittleThatIsWanted) {
  EXPECT_EQ(ConsumeLimits({.bytes = 77}).bytes_worth_reading(), 77u);
  EXPECT_LE(ConsumeLimits({.records = 1}).bytes_worth_reading(), 4096u);
  EXPECT_GT(ConsumeLimits({}).bytes_worth_reading(), 1u << 30);
  EXPECT_GT(ConsumeLimits({.records = INT64_MAX}).bytes_worth_reading(), 1u << 30);
}

}  // namespace
}  // namespace streamhouse::rpc
