// Goal: each group comes up at its newest time, once. Method: by hand.

#include "groups/due_groups.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace streamhouse::groups {
namespace {

using runtime::MonoTime;
using testing::ElementsAre;
using testing::IsEmpty;
using namespace std::chrono_literals;

TEST(DueGroupsTest, TheLongestOverdueComesFirst) {
  DueGroups due;
  EXPECT_EQ(due.next(), std::nullopt);
  due.set("a", MonoTime(3s));
  due.set("b", MonoTime(1s));
  due.set("c", MonoTime(2s));
  EXPECT_EQ(due.next(), MonoTime(1s));
  EXPECT_THAT(due.take(MonoTime(2s)), ElementsAre("b", "c"));
  EXPECT_THAT(due.take(MonoTime(2s)), IsEmpty()) << "once";
  EXPECT_EQ(due.next(), MonoTime(3s));
}

TEST(DueGroupsTest, ALaterTimeReplacesAnEarlierOneAndNoneTakesItAway) {
  DueGroups due;
  due.set("a", MonoTime(1s));
  due.set("a", MonoTime(5s));
  due.set("b", MonoTime(1s));
  due.set("b", std::nullopt);
  EXPECT_EQ(due.next(), MonoTime(5s));
  EXPECT_THAT(due.take(MonoTime(9s)), ElementsAre("a"));
  due.set("a", std::nullopt);
  EXPECT_EQ(due.next(), std::nullopt);
}

}  // namespace
}  // namespace streamhouse::groups
