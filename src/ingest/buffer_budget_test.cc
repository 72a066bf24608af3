// Goal: accepted bytes never pass the cap, and who waits for room gets to know of it (Z1).
// Method: reservations by hand; waiters on a simulated process.

#include "ingest/buffer_budget.h"

#include <gtest/gtest.h>

#include <limits>

#include "runtime/sim/sim_scheduler.h"

namespace streamhouse::ingest {
namespace {

using std::chrono::milliseconds;

class BufferBudgetTest : public testing::Test {
 protected:
  static runtime::Task<void> wait_for_room(BufferBudget& budget, std::size_t bytes,
                                           runtime::MonoTime deadline, bool* returned) {
    co_await budget.wait_for_room(bytes, deadline);
    *returned = true;
  }

  runtime::SimScheduler scheduler_{{.seed = 1}};
  runtime::SimRuntime& agent_ = scheduler_.add_runtime("agent");
  BufferBudget budget_{agent_, 100};
};

TEST_F(BufferBudgetTest, TakesWhatFitsToTheLastByteAndNothingMore) {
  EXPECT_TRUE(budget_.try_reserve(60));
  EXPECT_FALSE(budget_.try_reserve(41));
  EXPECT_EQ(budget_.used(), 60u);
  EXPECT_TRUE(budget_.try_reserve(40));
  EXPECT_FALSE(budget_.try_reserve(1));
  EXPECT_TRUE(budget_.try_reserve(0));
  EXPECT_FALSE(budget_.try_reserve(std::numeric_limits<std::size_t>::max())) << "no wrap-around";
}

TEST_F(BufferBudgetTest, GivesRoomBackByRelease) {
  ASSERT_TRUE(budget_.try_reserve(100));
  budget_.release(30);
  EXPECT_EQ(budget_.used(), 70u);
  EXPECT_TRUE(budget_.try_reserve(30));
}

TEST_F(BufferBudgetTest, RefusesToReleaseWhatWasNotReserved) {
  ASSERT_TRUE(budget_.try_reserve(10));
  EXPECT_DEATH(budget_.release(11), "Z1");
}

TEST_F(BufferBudgetTest, WakesAWaiterOnlyWhenItsBytesFit) {
  ASSERT_TRUE(budget_.try_reserve(100));
  bool returned = false;
  agent_.spawn(wait_for_room(budget_, 50, runtime::MonoTime::max(), &returned));
  scheduler_.run_for(milliseconds(1));
  budget_.release(49);
  scheduler_.run_for(milliseconds(1));
  EXPECT_FALSE(returned);
  budget_.release(1);
  scheduler_.run_for(milliseconds(1));
  EXPECT_TRUE(returned);
  EXPECT_EQ(budget_.used(), 50u) << "waiting reserves nothing";
}

TEST_F(BufferBudgetTest, LetsAWaiterGoAtItsDeadlineAlsoIfItCouldNeverFit) {
  bool returned = false;
  const auto deadline = agent_.now() + milliseconds(20);
  agent_.spawn(wait_for_room(budget_, 101, deadline, &returned));
  scheduler_.run_for(milliseconds(19));
  EXPECT_FALSE(returned);
  scheduler_.run_for(milliseconds(2));
  EXPECT_TRUE(returned);
}

}  // namespace
}  // namespace streamhouse::ingest
