// Goal: an answer to Fetch stays within its bounds, but never so that a large batch stops a
// consumer, and comes as soon as it is worth it.
// Method: partitions are told what was read of them, in the order in which a reader would.

#include "kafka/records/fetch_planner.h"

#include <gtest/gtest.h>

namespace streamhouse::kafka {
namespace {

constexpr FetchBounds kBounds{.bytes_min = 100, .bytes_max = 1000};

TEST(FetchPlannerTest, EachPartitionHasItsOwnBoundAndWhatIsLeftOfTheWhole) {
  FetchPlanner planner(kBounds, {400, 400, 400});
  EXPECT_EQ(planner.allowance(0), 400u);
  EXPECT_TRUE(planner.take(0, 390));
  EXPECT_EQ(planner.allowance(1), 400u);
  EXPECT_TRUE(planner.take(1, 400));
  EXPECT_EQ(planner.allowance(2), 210u);
  EXPECT_FALSE(planner.take(2, 211));
  EXPECT_TRUE(planner.take(2, 210));
  EXPECT_EQ(planner.bytes(), 1000u);
  EXPECT_EQ(planner.allowance(0), 0u) << "nothing is left";
}

TEST(FetchPlannerTest, TheFirstBatchIsAnsweredHoweverLargeItIs) {
  FetchPlanner planner(kBounds, {400, 400});
  EXPECT_TRUE(planner.take(0, 5000)) << "larger than both bounds";
  EXPECT_TRUE(planner.complete());
  EXPECT_EQ(planner.allowance(1), 0u);
  EXPECT_FALSE(planner.take(1, 1));
  EXPECT_EQ(planner.bytes(), 5000u);
}

TEST(FetchPlannerTest, APartitionWithoutRecordsDoesNotCountAsTheFirst) {
  FetchPlanner planner(kBounds, {400, 400, 400});
  EXPECT_TRUE(planner.take(0, 0));
  EXPECT_TRUE(planner.take(1, 700)) << "one batch";
  EXPECT_EQ(planner.allowance(2), 300u);
  EXPECT_FALSE(planner.take(2, 301)) << "only the first is exempt";
  EXPECT_EQ(planner.bytes(), 700u);
}

TEST(FetchPlannerTest, BoundsOfNothingStillLetTheFirstBatchThrough) {
  FetchPlanner planner({.bytes_min = 1, .bytes_max = 0}, {0, -5});
  EXPECT_EQ(planner.allowance(0), 1u);
  EXPECT_TRUE(planner.take(0, 80));
  EXPECT_EQ(planner.allowance(1), 0u);
}

TEST(FetchPlannerTest, WhatAPartitionHasIsReplacedByMore) {
  FetchPlanner planner({.bytes_min = 600, .bytes_max = 1000}, {500, 500});
  EXPECT_TRUE(planner.take(0, 200));
  EXPECT_TRUE(planner.take(1, 300));
  EXPECT_FALSE(planner.complete());
  EXPECT_EQ(planner.allowance(0), 500u) << "all in all, not beside what it has";
  EXPECT_FALSE(planner.take(0, 600)) << "it is no longer alone";
  EXPECT_EQ(planner.bytes(), 500u) << "and keeps what it had";
  EXPECT_TRUE(planner.take(0, 450));
  EXPECT_EQ(planner.bytes(), 750u);
  EXPECT_TRUE(planner.complete());
}

TEST(FetchPlannerTest, APartitionThatIsFullIsNotReadAgain) {
  FetchPlanner planner({.bytes_min = 900, .bytes_max = 1000}, {300, 300});
  EXPECT_TRUE(planner.take(0, 300));
  EXPECT_EQ(planner.allowance(0), 0u);
  EXPECT_EQ(planner.allowance(1), 300u);
}

TEST(FetchPlannerTest, WaitsForTheLeastThatIsWanted) {
  FetchPlanner planner(kBounds, {400});
  EXPECT_FALSE(planner.complete());
  EXPECT_TRUE(planner.take(0, 99));
  EXPECT_FALSE(planner.complete());
  EXPECT_TRUE(planner.take(0, 100));
  EXPECT_TRUE(planner.complete());
}

TEST(FetchPlannerTest, NeverWaitsForMoreThanTheAnswerMayHold) {
  FetchPlanner planner({.bytes_min = 5000, .bytes_max = 1000}, {2000});
  EXPECT_TRUE(planner.take(0, 1000));
  EXPECT_TRUE(planner.complete());
}

TEST(FetchPlannerTest, WaitsForNothingIfNothingIsWantedOrSomethingIsWrong) {
  EXPECT_TRUE(FetchPlanner(kBounds, {}).complete()) << "no partitions";
  EXPECT_TRUE(FetchPlanner({.bytes_min = 0, .bytes_max = 1000}, {10}).complete());
  FetchPlanner planner(kBounds, {400, 400});
  planner.fail();
  EXPECT_TRUE(planner.complete());
}

}  // namespace
}  // namespace streamhouse::kafka
