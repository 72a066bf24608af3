// Goal: rows and the segments that stand in for them are never both shown, and a segment that is
// missing is noticed. Method: lists of spans of one partition, about their ends.
#include "metadata/dynamodb/spans/loaded_spans.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace streamhouse::metadata::dynamodb {
namespace {

using model::OffsetRange;
using testing::ElementsAre;
using testing::IsEmpty;

SpanLocation of_row(std::int64_t base, std::int64_t next) {
  return {.offsets = {Offset(base), Offset(next)}, .session = SessionId(9), .seq = Seq(1)};
}
SpanLocation of_segment(std::int64_t base, std::int64_t next) {
  return {.offsets = {Offset(base), Offset(next)}, .object_key = "seg/a"};
}
OffsetRange range(std::int64_t base, std::int64_t next) { return {Offset(base), Offset(next)}; }

std::vector<OffsetRange> left_of(std::vector<SpanLocation> spans) {
  std::ranges::sort(spans, {}, &SpanLocation::offsets);
  drop_replaced(spans);
  std::vector<OffsetRange> ranges;
  for (const SpanLocation& span : spans) ranges.push_back(span.offsets);
  return ranges;
}

TEST(DynamodbLoadedSpansTest, RowsThatASegmentHoldsAreDropped) {
  EXPECT_THAT(left_of({of_row(0, 5), of_row(5, 10), of_row(10, 20), of_segment(0, 10)}),
              ElementsAre(range(0, 10), range(10, 20)));
  EXPECT_THAT(left_of({of_row(3, 5), of_segment(3, 5)}), ElementsAre(range(3, 5)));
}

TEST(DynamodbLoadedSpansTest, ARowMayLieInTwoSegmentsThatMeet) {
  EXPECT_THAT(left_of({of_segment(0, 7), of_segment(7, 12), of_row(5, 10)}),
              ElementsAre(range(0, 7), range(7, 12)));
  EXPECT_THAT(left_of({of_segment(0, 6), of_segment(7, 12), of_row(5, 10)}),
              ElementsAre(range(0, 6), range(5, 10), range(7, 12)))
      << "nobody else has offset 6";
}

TEST(DynamodbLoadedSpansTest, WhatNoSegmentHoldsStays) {
  EXPECT_THAT(left_of({of_row(0, 5), of_row(5, 10)}), ElementsAre(range(0, 5), range(5, 10)));
  EXPECT_THAT(left_of({of_segment(5, 10), of_row(0, 5), of_row(9, 11), of_row(4, 6)}),
              ElementsAre(range(0, 5), range(4, 6), range(5, 10), range(9, 11)));
  EXPECT_THAT(left_of({}), IsEmpty());
}

TEST(DynamodbLoadedSpansTest, ARangeIsCoveredIfNoOffsetOfItIsMissing) {
  const std::vector<SpanLocation> spans = {of_row(0, 5), of_segment(5, 9), of_row(12, 20)};
  for (const OffsetRange& whole : {range(0, 9), range(2, 7), range(12, 20), range(15, 15)})
    EXPECT_TRUE(cover(spans, whole)) << whole.base.value();
  for (const OffsetRange& torn : {range(0, 10), range(9, 13), range(12, 21), range(30, 31)})
    EXPECT_FALSE(cover(spans, torn)) << torn.base.value();
  EXPECT_FALSE(cover({}, range(0, 1)));
}

}  // namespace
}  // namespace streamhouse::metadata::dynamodb
