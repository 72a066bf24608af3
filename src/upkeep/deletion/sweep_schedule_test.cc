// Goal: a session is swept at once, and again and again, ever more rarely. Method: times by hand.

#include "upkeep/deletion/sweep_schedule.h"

#include <gtest/gtest.h>

namespace streamhouse::upkeep {
namespace {

using model::SessionId;
using std::chrono::minutes;

runtime::MonoTime at(int minute) { return runtime::MonoTime(minutes(minute)); }

TEST(SweepScheduleTest, AnUnknownSessionIsDue) {
  EXPECT_TRUE(SweepSchedule(minutes(10), minutes(60)).is_due(SessionId(1), at(0)));
}

TEST(SweepScheduleTest, PausesGrowUpToTheLongest) {
  SweepSchedule schedule(minutes(10), minutes(30));
  int now = 0;
  for (const int pause : {10, 20, 30, 30}) {
    schedule.swept(SessionId(1), at(now));
    EXPECT_FALSE(schedule.is_due(SessionId(1), at(now + pause - 1)));
    now += pause;
    EXPECT_TRUE(schedule.is_due(SessionId(1), at(now)));
  }
  EXPECT_TRUE(schedule.is_due(SessionId(2), at(0))) << "each session has times of its own";
}

}  // namespace
}  // namespace streamhouse::upkeep
