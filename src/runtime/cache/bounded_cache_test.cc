// Goal: a cache of a set without bounds stays within its own and forgets what is old.
// Method: entries are inserted and looked up at times chosen by hand.

#include "runtime/cache/bounded_cache.h"

#include <gtest/gtest.h>

#include <string>

namespace streamhouse::runtime {
namespace {

using std::chrono::seconds;

class BoundedCacheTest : public testing::Test {
 protected:
  /// The value found `at` seconds after the start, 0 if there is none.
  int find(const std::string& key, int at = 0) {
    const int* const found = cache_.find(key, time(at));
    return found == nullptr ? 0 : *found;
  }
  static MonoTime time(int at) { return MonoTime(seconds(100 + at)); }

  BoundedCache<std::string, int> cache_{{.entries_max = 3, .lifetime = seconds(10)}};
};

TEST_F(BoundedCacheTest, KeepsTheEntriesUsedLast) {
  cache_.insert("a", 1, time(0));
  cache_.insert("b", 2, time(0));
  cache_.insert("c", 3, time(0));
  EXPECT_EQ(find("a"), 1);
  cache_.insert("d", 4, time(0));
  EXPECT_EQ(find("b"), 0) << "used least recently";
  EXPECT_EQ(find("a"), 1);
  EXPECT_EQ(find("c"), 3);
  EXPECT_EQ(find("d"), 4);
  EXPECT_EQ(cache_.size(), 3u);
}

TEST_F(BoundedCacheTest, ForgetsAnEntryWhenItsTimeIsOverHoweverOftenItWasUsed) {
  cache_.insert("a", 1, time(0));
  EXPECT_EQ(find("a", 5), 1);
  EXPECT_EQ(find("a", 9), 1);
  EXPECT_EQ(find("a", 10), 0);
  EXPECT_EQ(cache_.size(), 0u);
}

TEST_F(BoundedCacheTest, ReplacesAnEntryAndItsTime) {
  cache_.insert("a", 1, time(0));
  cache_.insert("a", 2, time(8));
  EXPECT_EQ(find("a", 12), 2);
  EXPECT_EQ(cache_.size(), 1u);
}

TEST_F(BoundedCacheTest, ForgetsWhatItIsTold) {
  for (const char* key : {"a", "b", "c"}) cache_.insert(key, 1, time(0));
  cache_.erase("b");
  cache_.erase("never there");
  EXPECT_EQ(find("b"), 0);
  EXPECT_EQ(find("a"), 1);
  cache_.clear();
  EXPECT_EQ(find("a"), 0);
  EXPECT_EQ(cache_.size(), 0u);
}

}  // namespace
}  // namespace streamhouse::runtime
