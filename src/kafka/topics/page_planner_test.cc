// Goal: answers that follow each other's cursors have every partition exactly once. Method: pages
// of all sizes over a few topics, and the borders by hand.

#include "kafka/topics/page_planner.h"

#include <gtest/gtest.h>

#include <map>

namespace streamhouse::kafka {
namespace {

const std::map<std::string, std::int32_t> kTopics{{"a", 3}, {"b", 1}, {"c", 5}};

TEST(PagePlannerTest, PagesThatFollowEachOtherHaveEveryPartitionOnce) {
  for (std::int32_t size = 1; size <= 10; ++size) {
    std::vector<PartitionPlace> seen;
    std::optional<PartitionPlace> from;
    for (int pages = 0; pages < 20; ++pages) {
      PagePlanner page(from, size);
      std::int32_t count = 0;
      for (const auto& [topic, partitions] : kTopics) {
        const auto range = page.take(topic, partitions);
        if (!range) continue;
        for (std::int32_t i = 0; i < range->count; ++i)
          seen.push_back({.topic = topic, .partition = range->first + i});
        count += range->count;
      }
      EXPECT_LE(count, size);
      from = page.next();
      if (!from) break;
    }
    EXPECT_FALSE(from.has_value()) << "an end";
    std::vector<PartitionPlace> all;
    for (const auto& [topic, partitions] : kTopics)
      for (std::int32_t i = 0; i < partitions; ++i) all.push_back({.topic = topic, .partition = i});
    EXPECT_EQ(seen, all) << "pages of " << size;
  }
}

TEST(PagePlannerTest, ACursorMayNameWhatIsNotThere) {
  PagePlanner gone(PartitionPlace{.topic = "b", .partition = 7}, 100);
  EXPECT_FALSE(gone.take("a", 3));
  EXPECT_EQ(gone.take("b", 1)->count, 0);
  EXPECT_EQ(gone.take("c", 5)->count, 5);
  PagePlanner negative(PartitionPlace{.topic = "a", .partition = -4}, 100);
  EXPECT_EQ(negative.take("a", 3)->first, 0);
}

TEST(PagePlannerTest, TakesOneAtLeastAndNotMoreThanTheMost) {
  EXPECT_EQ(PagePlanner(std::nullopt, 0).take("a", 3)->count, 1);
  EXPECT_EQ(PagePlanner(std::nullopt, 1 << 30).take("a", 100'000)->count, 2000);
}

}  // namespace
}  // namespace streamhouse::kafka
