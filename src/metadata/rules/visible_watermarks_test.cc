// Goal: what views show of a partition rises with its leader's checkpoints and never falls.
// Method: checkpoints after one another, with partitions that come, go and change their epoch.
#include "metadata/rules/visible_watermarks.h"

#include <gtest/gtest.h>

namespace streamhouse::metadata {
namespace {

TopicPartition key(std::int32_t index) { return {model::TopicNo(7), model::PartitionIndex(index)}; }

segment::PartitionCheckpoint state(std::int32_t index, std::int32_t epoch, std::int64_t offset) {
  return {.partition = key(index), .epoch = LeaderEpoch(epoch), .high_watermark = Offset(offset)};
}

VisibleWatermark shown(std::int32_t index, std::int32_t epoch, std::int64_t offset) {
  return {key(index), LeaderEpoch(epoch), Offset(offset)};
}

TEST(VisibleWatermarksTest, RiseWithEachCheckpointAndStayWhereItHasNone) {
  const VisibleWatermarks first = raised({}, {state(1, 3, 10), state(4, 1, 0)});
  EXPECT_EQ(first, (VisibleWatermarks{shown(1, 3, 10), shown(4, 1, 0)}));
  const VisibleWatermarks second =
      raised(first, {state(0, 1, 5), state(2, 1, 6), state(4, 1, 8), state(5, 1, 1)});
  EXPECT_EQ(second, (VisibleWatermarks{shown(0, 1, 5), shown(1, 3, 10), shown(2, 1, 6),
                                       shown(4, 1, 8), shown(5, 1, 1)}));
  EXPECT_EQ(raised(second, {}), second);
}

TEST(VisibleWatermarksTest, NeverFallUnderAnEpochAndBeginAnewUnderTheNext) {
  const VisibleWatermarks before{shown(1, 3, 10)};
  EXPECT_EQ(raised(before, {state(1, 3, 9)}), before);
  EXPECT_EQ(raised(before, {state(1, 2, 90)}), before);
  EXPECT_EQ(raised(before, {state(1, 4, 2)}), (VisibleWatermarks{shown(1, 4, 2)}));
}

TEST(VisibleWatermarksTest, CountUnderTheirEpoch) {
  const VisibleWatermarks visible{shown(0, 3, 70), shown(1, 3, 50), shown(2, 3, 80)};
  Partition row{.key = key(1), .epoch = LeaderEpoch(3), .visible_high_watermark = Offset(40)};
  EXPECT_EQ(visible_for(visible, row), Offset(50));
  row.visible_high_watermark = Offset(60);
  EXPECT_EQ(visible_for(visible, row), Offset(60));
  row.visible_high_watermark = Offset(40);
  row.epoch = LeaderEpoch(4);
  EXPECT_EQ(visible_for(visible, row), Offset(40));
  row.key = key(3);
  EXPECT_EQ(visible_for(visible, row), Offset(40));
}

}  // namespace
}  // namespace streamhouse::metadata
