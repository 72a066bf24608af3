// Goal: the index finds the one object of every offset and refuses spans that do not tile (L3).
// Method: small indexes built from [base, next) pairs, asked for every offset around them; random
// operations are in span_index_model_test.cc.

#include "partition/index/span_index.h"

#include <gtest/gtest.h>

#include <limits>

namespace streamhouse::partition {
namespace {

using base::Errc;
using model::Offset;

class SpanIndexTest : public testing::Test {
 protected:
  IndexEntry entry(std::int64_t base, std::int64_t next, std::int64_t max_timestamp = 0) {
    return {.offsets = {Offset(base), Offset(next)},
            .object = objects_->add("at " + std::to_string(base), 100),
            .length = static_cast<std::uint32_t>(static_cast<std::uint64_t>(next - base) * 10),
            .max_timestamp = max_timestamp};
  }
  /// Of what was found, and -1 of nothing.
  static std::int64_t base_of(const std::optional<FoundSpan>& found) {
    return found ? found->offsets.base.value() : -1;
  }
  /// Base offsets of an index of spans that end at or below `end`.
  static std::vector<std::int64_t> bases(const SpanIndex& index, std::int64_t end) {
    std::vector<std::int64_t> bases;
    for (std::int64_t offset = 0; offset < end;) {
      const auto found = index.find(Offset(offset));
      if (found) bases.push_back(found->offsets.base.value());
      offset = found ? found->offsets.next.value() : offset + 1;
    }
    return bases;
  }

  std::shared_ptr<ObjectTable> objects_ = ObjectTable::make();
};
using SpanIndexDeathTest = SpanIndexTest;
using Bases = std::vector<std::int64_t>;

TEST_F(SpanIndexTest, FindsTheEntryOfEveryOffsetAndNothingOutside) {
  SpanIndex index;
  EXPECT_FALSE(index.find(Offset(0)));
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

TEST_F(SpanIndexDeathTest, RefusesToAppendAcrossAGap) {
  SpanIndex index;
  index.append(entry(10, 13));
  EXPECT_DEATH(index.append(entry(14, 15)), "L3");
}

TEST_F(SpanIndexTest, PutsOlderEntriesInOrderBeforeTheAppendedOnes) {
  SpanIndex index;
  index.append(entry(20, 30));
  ASSERT_TRUE(index.load_older({entry(7, 20), entry(0, 7)}, Offset(0), Offset(30)));
  EXPECT_EQ(index.size(), 3u);
  EXPECT_EQ(index.total_length(), 300u);
  EXPECT_EQ(base_of(index.find(Offset(6))), 0);
  EXPECT_EQ(base_of(index.find(Offset(7))), 7);
  EXPECT_EQ(base_of(index.find(Offset(29))), 20);
}

TEST_F(SpanIndexTest, LeavesOutWhatWasAppendedSinceAndWhatTheLogStartHasPassed) {
  SpanIndex index;
  index.append(entry(20, 30));
  ASSERT_TRUE(index.load_older({entry(0, 5), entry(5, 20), entry(20, 30), entry(30, 40)}, Offset(5),
                               Offset(30)));
  EXPECT_EQ(index.size(), 2u);
  EXPECT_FALSE(index.find(Offset(4)));
  EXPECT_FALSE(index.find(Offset(30)));
}

TEST_F(SpanIndexTest, KeepsTheSpanThatTheLogStartCuts) {
  SpanIndex index;
  ASSERT_TRUE(index.load_older({entry(0, 10), entry(10, 20)}, Offset(4), Offset(20)));
  EXPECT_EQ(base_of(index.find(Offset(4))), 0);
  EXPECT_EQ(index.size(), 2u);
}

TEST_F(SpanIndexTest, LoadsNothingForAnEmptyOrWhollyDeletedLog) {
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

TEST_F(SpanIndexTest, RefusesEveryKindOfGapAndOverlapAndStaysAsItWas) {
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

TEST_F(SpanIndexTest, RefusesALogThatEndsBelowOrAboveTheHighWatermark) {
  SpanIndex index;
  EXPECT_FALSE(index.load_older({entry(0, 9)}, Offset(0), Offset(10)));
  EXPECT_FALSE(index.load_older({entry(0, 11)}, Offset(0), Offset(10)));
  EXPECT_TRUE(index.load_older({entry(0, 10)}, Offset(0), Offset(10)));
}

TEST_F(SpanIndexTest, TrimsWholeEntriesOnly) {
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

TEST_F(SpanIndexTest, FindsTheFirstEntryThatMayBeNewEnoughEvenIfTimesGoBack) {
  SpanIndex index;
  index.append(entry(0, 1, 500));
  index.append(entry(1, 2, 100));
  index.append(entry(2, 3, 900));
  EXPECT_EQ(base_of(index.find_timestamp(0)), 0);
  EXPECT_EQ(base_of(index.find_timestamp(500)), 0);
  EXPECT_EQ(base_of(index.find_timestamp(501)), 2);
  EXPECT_EQ(base_of(index.find_timestamp(900)), 2);
  EXPECT_FALSE(index.find_timestamp(901));
}

TEST_F(SpanIndexTest, ForgetsTheTimesOfWhatWasTrimmed) {
  SpanIndex index;
  index.append(entry(0, 1, 500));
  for (std::int64_t base = 1; base < 100; ++base) index.append(entry(base, base + 1, base));
  EXPECT_EQ(base_of(index.find_timestamp(200)), 0);
  index.trim(Offset(1));
  EXPECT_FALSE(index.find_timestamp(200)) << "what was new enough is gone";
  EXPECT_EQ(base_of(index.find_timestamp(80)), 80);
  index.trim(Offset(70));
  EXPECT_EQ(base_of(index.find_timestamp(0)), 70);
  EXPECT_EQ(base_of(index.find_timestamp(99)), 99);
}

TEST_F(SpanIndexTest, FindsOffsetsAndTimesTooFarApartForABlock) {
  constexpr std::int64_t kLast = std::numeric_limits<std::int64_t>::max() - 1;
  constexpr std::int64_t kTimeMin = std::numeric_limits<std::int64_t>::min();
  constexpr std::int64_t kTimeMax = std::numeric_limits<std::int64_t>::max();
  SpanIndex index;
  index.append(entry(0, 1, -1));
  index.append(entry(1, std::int64_t{1} << 40, 1'700'000'000'000));
  index.append(entry(std::int64_t{1} << 40, kLast - 5, kTimeMin));
  index.append(entry(kLast - 5, kLast - 1, kTimeMax));
  index.append(entry(kLast - 1, kLast, 0));
  EXPECT_EQ(base_of(index.find(Offset(0))), 0);
  EXPECT_EQ(base_of(index.find(Offset(std::int64_t{1} << 39))), 1);
  EXPECT_EQ(base_of(index.find(Offset((std::int64_t{1} << 40) - 1))), 1);
  EXPECT_EQ(base_of(index.find(Offset(kLast - 6))), std::int64_t{1} << 40);
  EXPECT_EQ(base_of(index.find(Offset(kLast - 2))), kLast - 5);
  EXPECT_EQ(base_of(index.find(Offset(kLast - 1))), kLast - 1);
  EXPECT_FALSE(index.find(Offset(kLast)));
  EXPECT_EQ(index.find(Offset(kLast - 6))->max_timestamp, kTimeMin);
  EXPECT_EQ(base_of(index.find_timestamp(kTimeMin)), 0);
  EXPECT_EQ(base_of(index.find_timestamp(0)), 1);
  EXPECT_EQ(base_of(index.find_timestamp(kTimeMax)), kLast - 5);
}

TEST_F(SpanIndexTest, PutsACompactedSpanInThePlaceOfTheSpansThatItHolds) {
  SpanIndex index;
  for (std::int64_t base = 0; base < 100; base += 2) index.append(entry(base, base + 2, base));
  ASSERT_TRUE(index.replace({entry(10, 50, 48), entry(50, 60, 58)}));
  EXPECT_EQ(index.size(), 27u);
  EXPECT_EQ(index.total_length(), 1'000u);
  EXPECT_EQ(bases(index, 14), (Bases{0, 2, 4, 6, 8, 10}));
  EXPECT_EQ(index.find(Offset(49))->offsets, (model::OffsetRange{Offset(10), Offset(50)}));
  EXPECT_EQ(base_of(index.find(Offset(60))), 60);
  EXPECT_EQ(base_of(index.find(Offset(99))), 98);
  EXPECT_EQ(base_of(index.find_timestamp(12)), 10);
  EXPECT_EQ(objects_->size(), 27u) << "the others are referred to no more";
}

TEST_F(SpanIndexTest, PutsACompactedSpanInThePlaceOfAHeadThatWasCutMeanwhile) {
  SpanIndex index;
  for (std::int64_t base = 0; base < 20; base += 2) index.append(entry(base, base + 2));
  index.trim(Offset(7));
  ASSERT_TRUE(index.replace({entry(0, 12)}));
  EXPECT_EQ(bases(index, 20), (Bases{0, 12, 14, 16, 18}));
  EXPECT_EQ(index.total_length(), 200u);
}

TEST_F(SpanIndexTest, RefusesAReplacementThatFitsNowhereAndStaysAsItWas) {
  const std::vector<std::vector<IndexEntry>> misfits = {
      {entry(11, 20)},                 // begins inside a span
      {entry(10, 19)},                 // ends inside a span
      {entry(10, 14), entry(15, 20)},  // has a gap
      {entry(10, 14), entry(13, 20)},  // overlaps itself
      {entry(10, 40)},                 // goes beyond the end
      {entry(30, 40)},                 // begins at the end
      {entry(0, 4)},                   // was trimmed
  };
  for (std::size_t i = 0; i < misfits.size(); ++i) {
    SpanIndex index;
    for (std::int64_t base = 0; base < 30; base += 2) index.append(entry(base, base + 2));
    index.trim(Offset(4));
    const auto replaced = index.replace(misfits[i]);
    ASSERT_FALSE(replaced) << i;
    EXPECT_EQ(replaced.error().code, Errc::kCorrupt) << i;
    EXPECT_EQ(bases(index, 30), (Bases{4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28})) << i;
    EXPECT_EQ(index.total_length(), 260u) << i;
  }
}

TEST_F(SpanIndexTest, BeginsAnywhereOnceItIsCleared) {
  SpanIndex index;
  for (std::int64_t base = 0; base < 100; ++base) index.append(entry(base, base + 1));
  index.clear();
  EXPECT_TRUE(index.empty());
  EXPECT_FALSE(index.find(Offset(50)));
  EXPECT_FALSE(index.find_timestamp(0));
  EXPECT_EQ(index.bytes(), 0u);
  EXPECT_EQ(objects_->bytes(), 0u);
  index.append(entry(500, 510));
  EXPECT_EQ(base_of(index.find(Offset(505))), 500);
}

TEST_F(SpanIndexTest, TakesLittleMemoryASpanAndTheTableKnowsHowMuch) {
  auto index = std::make_unique<SpanIndex>();
  const IndexEntry first = entry(0, 1);
  const std::size_t objects = objects_->bytes();
  for (std::int64_t base = 0; base < 1'000; ++base) {
    IndexEntry next = first;
    next.offsets = {Offset(base), Offset(base + 1)};
    index->append(next);
  }
  EXPECT_LE(index->bytes(), 21'000u);
  EXPECT_EQ(objects_->bytes(), objects + index->bytes());
  index->trim(Offset(900));
  EXPECT_LE(index->bytes(), 4'000u);
  EXPECT_EQ(objects_->bytes(), objects + index->bytes());
  index.reset();
  EXPECT_EQ(objects_->bytes(), objects);
}

}  // namespace
}  // namespace streamhouse::partition
