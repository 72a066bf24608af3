// Goal: the index finds the one object of every offset and refuses spans that do not tile (L3).
// Method: small indexes built from [base, next) pairs, asked for every offset around them.

#include "partition/span_index.h"

#include <gtest/gtest.h>

namespace streamhouse::partition {
namespace {

using base::Errc;
using model::Offset;

IndexEntry entry(std::int64_t base, std::int64_t next, std::int64_t max_timestamp = 0) {
  return {.offsets = {Offset(base), Offset(next)},
          .object = std::make_shared<const StoredObject>(
              StoredObject{.key = "at " + std::to_string(base), .size = 100}),
          .position = 0,
          .length = static_cast<std::uint32_t>((next - base) * 10),
          .max_timestamp = max_timestamp};
}

std::int64_t base_of(const IndexEntry* found) { return found ? found->offsets.base.value() : -1; }

TEST(SpanIndex, FindsTheEntryOfEveryOffsetAndNothingOutside) {
  SpanIndex index;
  EXPECT_EQ(index.find(Offset(0)), nullptr);
  index.append(entry(10, 13));
  index.append(entry(13, 14));
  index.append(entry(14, 20));
  for (std::int64_t offset = 0; offset < 25; ++offset) {
    const std::int64_t expected = offset < 10   ? -1
                                  : offset < 13 ? 10
                                  : offset < 14 ? 13
                                  : offset < 20 ? 14
                                                : -1;
    EXPECT_EQ(base_of(index.find(Offset(offset))), expected) << offset;
  }
}

TEST(SpanIndexDeathTest, RefusesToAppendAcrossAGap) {
  SpanIndex index;
  index.append(entry(10, 13));
  EXPECT_DEATH(index.append(entry(14, 15)), "L3");
}

TEST(SpanIndex, PutsOlderEntriesInOrderBeforeTheAppendedOnes) {
  SpanIndex index;
  index.append(entry(20, 30));
  ASSERT_TRUE(index.load_older({entry(7, 20), entry(0, 7)}, Offset(0), Offset(30)));
  EXPECT_EQ(index.size(), 3u);
  EXPECT_EQ(index.total_length(), 300u);
  EXPECT_EQ(base_of(index.find(Offset(6))), 0);
  EXPECT_EQ(base_of(index.find(Offset(7))), 7);
  EXPECT_EQ(base_of(index.find(Offset(29))), 20);
}

TEST(SpanIndex, LeavesOutWhatWasAppendedSinceAndWhatTheLogStartHasPassed) {
  SpanIndex index;
  index.append(entry(20, 30));
  ASSERT_TRUE(index.load_older({entry(0, 5), entry(5, 20), entry(20, 30), entry(30, 40)}, Offset(5),
                               Offset(30)));
  EXPECT_EQ(index.size(), 2u);
  EXPECT_EQ(index.find(Offset(4)), nullptr);
  EXPECT_EQ(index.find(Offset(30)), nullptr);
}

TEST(SpanIndex, KeepsTheSpanThatTheLogStartCuts) {
  SpanIndex index;
  ASSERT_TRUE(index.load_older({entry(0, 10), entry(10, 20)}, Offset(4), Offset(20)));
  EXPECT_EQ(base_of(index.find(Offset(4))), 0);
  EXPECT_EQ(index.size(), 2u);
}

TEST(SpanIndex, LoadsNothingForAnEmptyOrWhollyDeletedLog) {
  SpanIndex empty;
  EXPECT_TRUE(empty.load_older({}, Offset(0), Offset(0)));
  SpanIndex deleted;
  EXPECT_TRUE(deleted.load_older({entry(0, 9)}, Offset(9), Offset(9)));
  EXPECT_TRUE(deleted.empty());
}

struct Damage {
  const char* name;
  std::vector<IndexEntry> older;
  std::int64_t log_start;
  std::int64_t high_watermark;
};

TEST(SpanIndex, RefusesEveryKindOfGapAndOverlapAndStaysAsItWas) {
  const std::vector<Damage> damages = {
      {"a gap at the start", {entry(3, 20)}, 0, 30},
      {"a gap inside", {entry(0, 8), entry(9, 20)}, 0, 30},
      {"an overlap inside", {entry(0, 9), entry(8, 20)}, 0, 30},
      {"the same span twice", {entry(0, 20), entry(0, 20)}, 0, 30},
      {"a gap before the appended", {entry(0, 19)}, 0, 30},
      {"an overlap with the appended", {entry(0, 21)}, 0, 30},
      {"nothing where there must be something", {}, 0, 30},
      {"an overlap that reaches above a log start within the appended", {entry(0, 26)}, 25, 30},
  };
  for (const Damage& damage : damages) {
    SpanIndex index;
    index.append(entry(20, 30));
    const auto loaded =
        index.load_older(damage.older, Offset(damage.log_start), Offset(damage.high_watermark));
    ASSERT_FALSE(loaded) << damage.name;
    EXPECT_EQ(loaded.error().code, Errc::kCorrupt) << damage.name;
    EXPECT_EQ(index.size(), 1u) << damage.name;
    EXPECT_EQ(index.total_length(), 100u) << damage.name;
  }
}

TEST(SpanIndex, RefusesALogThatEndsBelowOrAboveTheHighWatermark) {
  SpanIndex index;
  EXPECT_FALSE(index.load_older({entry(0, 9)}, Offset(0), Offset(10)));
  EXPECT_FALSE(index.load_older({entry(0, 11)}, Offset(0), Offset(10)));
  EXPECT_TRUE(index.load_older({entry(0, 10)}, Offset(0), Offset(10)));
}

TEST(SpanIndex, TrimsWholeEntriesOnly) {
  SpanIndex index;
  for (const std::int64_t base : {0, 10, 20}) index.append(entry(base, base + 10));
  index.trim(Offset(19));
  EXPECT_EQ(index.size(), 2u);
  EXPECT_EQ(base_of(index.find(Offset(15))), 10);
  index.trim(Offset(20));
  EXPECT_EQ(index.size(), 1u);
  EXPECT_EQ(index.total_length(), 100u);
  index.trim(Offset(30));
  EXPECT_TRUE(index.empty());
  EXPECT_EQ(index.total_length(), 0u);
}

TEST(SpanIndex, FindsTheFirstEntryThatMayBeNewEnoughEvenIfTimesGoBack) {
  SpanIndex index;
  index.append(entry(0, 1, 500));
  index.append(entry(1, 2, 100));
  index.append(entry(2, 3, 900));
  EXPECT_EQ(base_of(index.find_timestamp(0)), 0);
  EXPECT_EQ(base_of(index.find_timestamp(500)), 0);
  EXPECT_EQ(base_of(index.find_timestamp(501)), 2);
  EXPECT_EQ(base_of(index.find_timestamp(900)), 2);
  EXPECT_EQ(index.find_timestamp(901), nullptr);
}

}  // namespace
}  // namespace streamhouse::partition
