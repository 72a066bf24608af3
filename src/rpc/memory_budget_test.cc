// Goal: shares never add up to more than the limit, unless they were there already, and always come
// back.
// Method: shares taken, moved and freed, also from several threads at once.
#include "rpc/memory_budget.h"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace streamhouse::rpc {
namespace {

TEST(MemoryBudgetTest, SharesAreRefusedAtTheLimit) {
  MemoryBudget budget(100);
  auto first = budget.try_take(60);
  ASSERT_TRUE(first);
  EXPECT_EQ(budget.room(), 40u);
  EXPECT_FALSE(budget.try_take(41));
  EXPECT_TRUE(budget.try_take(40));
  EXPECT_EQ(budget.used(), 60u);
  first.reset();
  EXPECT_EQ(budget.used(), 0u);
}

TEST(MemoryBudgetTest, WhatIsThereAlreadyIsTakenAboveTheLimit) {
  MemoryBudget budget(100);
  auto share = budget.take(150);
  EXPECT_EQ(budget.used(), 150u);
  EXPECT_EQ(budget.room(), 0u);
  EXPECT_FALSE(budget.try_take(1));
  share.free();
  share.free();
  EXPECT_EQ(budget.used(), 0u);
}

TEST(MemoryBudgetTest, MovedShareComesBackOnce) {
  MemoryBudget budget(100);
  {
    auto share = budget.take(10);
    MemoryBudget::Share moved(std::move(share));
    MemoryBudget::Share assigned;
    assigned = std::move(moved);
    EXPECT_EQ(budget.used(), 10u);
  }
  EXPECT_EQ(budget.used(), 0u);
  MemoryBudget::Share kept = budget.take(1);
  kept = budget.take(2);
  EXPECT_LE(budget.used(), 3u);
  kept.free();
  EXPECT_EQ(budget.used(), 0u);
}

TEST(MemoryBudgetTest, ThreadsShareOneLimit) {
  MemoryBudget budget(1'000);
  std::atomic<bool> over = false;
  std::vector<std::thread> threads;
  for (int number = 0; number < 4; ++number) {
    threads.emplace_back([&] {
      for (int i = 0; i < 10'000; ++i) {
        const auto share = budget.try_take(300);
        if (share && budget.used() > 1'000 + 4 * 300) over = true;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_FALSE(over);
  EXPECT_EQ(budget.used(), 0u);
}

}  // namespace
}  // namespace streamhouse::rpc
