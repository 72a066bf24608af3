// Goal: an idempotent producer's batch is let through exactly once and in order (P17, W5).
// Method: a table is fed batches by hand and asked about repeats, gaps, epochs and the edges of
// its memory.

#include "partition/producer_table.h"

#include <gtest/gtest.h>

#include <limits>
#include <string>

namespace streamhouse::partition {
namespace {

using model::Offset;
using model::ProducerEpoch;
using model::ProducerId;
using segment::ProducerBatch;

constexpr std::int32_t kSequenceMax = std::numeric_limits<std::int32_t>::max();

struct BatchAt {
  std::int64_t producer = 7;
  std::int16_t epoch = 0;
  std::int32_t first = 0;
  std::int32_t last = 0;
  std::int64_t offset = 0;
  std::int64_t count = 1;
  std::int64_t time = 1'000;
};

ProducerBatch batch(const BatchAt& at) {
  return {.producer = ProducerId(at.producer),
          .epoch = ProducerEpoch(at.epoch),
          .first_sequence = at.first,
          .last_sequence = at.last,
          .offsets = {Offset(at.offset), Offset(at.offset + at.count)},
          .max_timestamp = at.time};
}

/// "next", "repeat of BASE", or the error's name.
std::string answer(const ProducerTable& table, const BatchAt& at) {
  const auto checked = table.check(batch(at));
  if (!checked) return std::string(base::errc_name(checked.error().code));
  if (!*checked) return "next";
  return "repeat of " + std::to_string((*checked)->base.value());
}

TEST(NextSequence, WrapsFromTheLargestToZero) {
  EXPECT_EQ(next_sequence(0), 1);
  EXPECT_EQ(next_sequence(kSequenceMax - 1), kSequenceMax);
  EXPECT_EQ(next_sequence(kSequenceMax), 0);
}

TEST(ProducerTable, LetsAnUnknownProducerBeginAnywhere) {
  EXPECT_EQ(answer(ProducerTable(), {.first = 0}), "next");
  EXPECT_EQ(answer(ProducerTable(), {.epoch = 4, .first = 99, .last = 99}), "next");
}

TEST(ProducerTable, AcceptsOnlyTheNextSequenceAndNamesTheOneItExpected) {
  ProducerTable table;
  table.add_pending(batch({.first = 0, .last = 2, .offset = 10, .count = 3}));
  EXPECT_EQ(answer(table, {.first = 3, .last = 3}), "next");
  EXPECT_EQ(answer(table, {.first = 4, .last = 4}), "out_of_order_sequence");
  EXPECT_EQ(answer(table, {.first = 2, .last = 2}), "out_of_order_sequence");
  const auto gap = table.check(batch({.first = 5, .last = 5}));
  ASSERT_FALSE(gap);
  EXPECT_NE(gap.error().text.find("expected sequence 3"), std::string::npos) << gap.error().text;
}

TEST(ProducerTable, AnswersARepeatWithTheOriginalsOffsetsWhetherPendingOrCommitted) {
  ProducerTable table;
  table.add_pending(batch({.first = 0, .last = 2, .offset = 10, .count = 3}));
  EXPECT_EQ(answer(table, {.first = 0, .last = 2, .offset = 500}), "repeat of 10");
  table.commit_below(Offset(13));
  EXPECT_EQ(answer(table, {.first = 0, .last = 2, .offset = 500}), "repeat of 10");
}

TEST(ProducerTable, TakesNoRepeatForOneWhoseLengthDiffers) {
  ProducerTable table;
  table.add_pending(batch({.first = 0, .last = 2, .offset = 10, .count = 3}));
  EXPECT_EQ(answer(table, {.first = 0, .last = 1}), "out_of_order_sequence");
  EXPECT_EQ(answer(table, {.first = 0, .last = 3}), "out_of_order_sequence");
}

TEST(ProducerTable, RefusesAnOldEpochAndBeginsANewOneAtZero) {
  ProducerTable table;
  table.add_pending(batch({.epoch = 3, .first = 8, .last = 8}));
  EXPECT_EQ(answer(table, {.epoch = 2, .first = 9, .last = 9}), "producer_fenced");
  EXPECT_EQ(answer(table, {.epoch = 2, .first = 8, .last = 8}), "producer_fenced");
  EXPECT_EQ(answer(table, {.epoch = 4, .first = 9, .last = 9}), "out_of_order_sequence");
  EXPECT_EQ(answer(table, {.epoch = 4, .first = 0, .last = 0}), "next");
}

TEST(ProducerTable, ForgetsTheBatchesOfAnOldEpochWhenTheNewOneCommits) {
  ProducerTable table;
  table.add_pending(batch({.epoch = 1, .first = 0, .last = 0, .offset = 0}));
  table.add_pending(batch({.epoch = 2, .first = 0, .last = 0, .offset = 1}));
  EXPECT_EQ(answer(table, {.epoch = 1, .first = 0, .last = 0}), "producer_fenced");
  table.commit_below(Offset(2));
  const auto snapshot = table.committed();
  ASSERT_EQ(snapshot.size(), 1u);
  EXPECT_EQ(snapshot[0].epoch, ProducerEpoch(2));
  ASSERT_EQ(snapshot[0].batches.size(), 1u);
  EXPECT_EQ(snapshot[0].batches[0].offsets.base, Offset(1));
}

TEST(ProducerTable, GoesOnAfterTheSequenceWrapped) {
  ProducerTable table;
  table.add_pending(batch({.first = kSequenceMax - 1, .last = kSequenceMax, .count = 2}));
  EXPECT_EQ(answer(table, {.first = 0, .last = 0}), "next");
  EXPECT_EQ(answer(table, {.first = 1, .last = 1}), "out_of_order_sequence");
}

TEST(ProducerTable, GoesOnAfterABatchThatHoldsTheWrapItself) {
  ProducerTable table;
  table.add_pending(batch({.first = kSequenceMax, .last = 1, .offset = 5, .count = 3}));
  EXPECT_EQ(answer(table, {.first = kSequenceMax, .last = 1}), "repeat of 5");
  EXPECT_EQ(answer(table, {.first = 2, .last = 2}), "next");
}

TEST(ProducerTable, RemembersFiveCommittedBatchesAndEveryPendingOne) {
  ProducerTable table;
  for (std::int32_t i = 0; i < 12; ++i) {
    table.add_pending(batch({.first = i, .last = i, .offset = i}));
  }
  EXPECT_EQ(answer(table, {.first = 0, .last = 0}), "repeat of 0");
  table.commit_below(Offset(12));
  for (std::int32_t i = 0; i < 7; ++i) {
    EXPECT_EQ(answer(table, {.first = i, .last = i}), "out_of_order_sequence") << i;
  }
  for (std::int32_t i = 7; i < 12; ++i) {
    EXPECT_EQ(answer(table, {.first = i, .last = i}), "repeat of " + std::to_string(i)) << i;
  }
}

TEST(ProducerTable, CommitsExactlyWhatEndsAtOrBelowTheHighWatermark) {
  ProducerTable table;
  table.add_pending(batch({.producer = 1, .first = 0, .last = 1, .offset = 0, .count = 2}));
  table.add_pending(batch({.producer = 2, .first = 0, .last = 1, .offset = 2, .count = 2}));
  EXPECT_TRUE(table.committed().empty());
  table.commit_below(Offset(3));
  ASSERT_EQ(table.committed().size(), 1u);
  EXPECT_EQ(table.committed()[0].producer, ProducerId(1));
  table.commit_below(Offset(4));
  ASSERT_EQ(table.committed().size(), 2u);
  EXPECT_EQ(table.committed()[1].producer, ProducerId(2));
}

TEST(ProducerTable, IsTheSameAfterASnapshotAndBack) {
  ProducerTable table;
  table.add_pending(batch({.producer = 1, .epoch = 2, .first = 0, .last = 4, .count = 5}));
  table.add_pending(batch({.producer = 9, .first = 3, .last = 3, .offset = 5}));
  table.commit_below(Offset(6));
  const auto bytes = segment::encode_producer_snapshot(table.committed());
  const auto snapshot = segment::decode_producer_snapshot(bytes);
  ASSERT_TRUE(snapshot) << to_string(snapshot.error());
  const ProducerTable copy(*snapshot);
  EXPECT_EQ(copy.committed(), table.committed());
  EXPECT_EQ(answer(copy, {.producer = 1, .epoch = 2, .first = 0, .last = 4}), "repeat of 0");
  EXPECT_EQ(answer(copy, {.producer = 9, .first = 4, .last = 4}), "next");
  EXPECT_EQ(answer(copy, {.producer = 9, .first = 5, .last = 5}), "out_of_order_sequence");
}

TEST(ProducerTable, ForgetsTheIdlestProducerButNeverOneWithAPendingBatch) {
  const auto last = static_cast<std::int64_t>(ProducerTable::kProducersMax);
  ProducerTable table;
  for (std::int64_t i = 1; i < last; ++i) {
    table.add_pending(batch({.producer = i, .offset = i, .time = i == 1 ? 2 : 1'000}));
  }
  table.commit_below(Offset(last));
  table.add_pending(batch({.producer = 0, .offset = last, .time = 1}));
  ASSERT_EQ(table.size(), ProducerTable::kProducersMax);
  table.add_pending(batch({.producer = last, .offset = last + 1}));
  EXPECT_EQ(table.size(), ProducerTable::kProducersMax);
  EXPECT_EQ(answer(table, {.producer = 0, .first = 5, .last = 5}), "out_of_order_sequence");
  EXPECT_EQ(answer(table, {.producer = 1, .first = 5, .last = 5}), "next") << "forgotten";
  EXPECT_EQ(answer(table, {.producer = 2, .first = 5, .last = 5}), "out_of_order_sequence");
}

}  // namespace
}  // namespace streamhouse::partition
