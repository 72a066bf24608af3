// Goal: timers fire in order of time, then of scheduling, whatever is cancelled meanwhile; ids of
// things gone find nothing.
// Method: random operations against a sorted reference.
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "runtime/pending/slot_table.h"
#include "runtime/pending/timer_heap.h"
#include "runtime/random.h"

namespace streamhouse::runtime {
namespace {

MonoTime at(std::int64_t time) { return MonoTime(Duration(time)); }

TEST(TimerHeapTest, EqualTimesFireInTheOrderTheyWereSet) {
  TimerHeap heap;
  std::vector<int> fired;
  for (int number = 0; number < 50; ++number)
    heap.schedule(at(number % 2), [&, number] { fired.push_back(number); });
  while (auto due = heap.take_due(at(1))) due();
  for (int index = 0; index < 25; ++index) {
    EXPECT_EQ(fired[static_cast<std::size_t>(index)], 2 * index);
    EXPECT_EQ(fired[static_cast<std::size_t>(index) + 25], 2 * index + 1);
  }
}

TEST(TimerHeapTest, TakesNothingBeforeItIsDue) {
  TimerHeap heap;
  EXPECT_EQ(heap.next_deadline(), std::nullopt);
  EXPECT_FALSE(heap.take_any());
  heap.schedule(at(10), [] {});
  EXPECT_FALSE(heap.take_due(at(9)));
  EXPECT_EQ(heap.next_deadline(), at(10));
  EXPECT_TRUE(heap.take_due(at(10)));
  EXPECT_EQ(heap.size(), 0u);
}

TEST(TimerHeapTest, AgreesWithASortedMapUnderRandomUse) {
  Random random(7);
  TimerHeap heap;
  std::map<std::pair<MonoTime, int>, TimerId> expected;
  std::vector<TimerId> past;
  int fired = -1;
  for (int number = 0; number < 20'000; ++number) {
    const std::uint64_t choice = random.below(10);
    if (choice < 5) {
      const MonoTime when = at(random.between(0, 500));
      expected[{when, number}] = heap.schedule(when, [&fired, number] { fired = number; });
    } else if (choice < 7 && !expected.empty()) {
      auto victim = expected.begin();
      std::advance(victim, static_cast<std::ptrdiff_t>(random.below(expected.size())));
      EXPECT_TRUE(heap.cancel(victim->second));
      past.push_back(victim->second);
      expected.erase(victim);
    } else if (choice < 8 && !past.empty()) {
      EXPECT_FALSE(heap.cancel(past[random.below(past.size())]));
    } else if (!expected.empty()) {
      const auto first = expected.begin();
      ASSERT_EQ(heap.next_deadline(), first->first.first);
      auto due = heap.take_due(first->first.first);
      ASSERT_TRUE(due);
      due();
      ASSERT_EQ(fired, first->first.second);
      past.push_back(first->second);
      expected.erase(first);
    }
    ASSERT_EQ(heap.size(), expected.size());
  }
}

TEST(SlotTableTest, AnIdIsNeverMistakenForALaterUseOfItsSlot) {
  SlotTable<std::string> table;
  const auto first = table.insert("first");
  EXPECT_NE(first, 0u);
  EXPECT_EQ(*table.find(first), "first");
  EXPECT_EQ(table.take(first), "first");
  const auto second = table.insert("second");
  EXPECT_EQ(table.find(first), nullptr);
  EXPECT_EQ(table.take(first), std::nullopt);
  EXPECT_EQ(table.find(0), nullptr);
  EXPECT_EQ(*table.find(second), "second");
  table.insert("third");
  EXPECT_EQ(table.take_all(), (std::vector<std::string>{"second", "third"}));
  EXPECT_EQ(table.size(), 0u);
}

}  // namespace
}  // namespace streamhouse::runtime
