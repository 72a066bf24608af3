// Goal: a sealed session's partitions end exactly where its log says, whatever checkpoint was there
// (P5, P6, P12). Method: recovery views built by hand, one rule each.

#include "cluster/recovery_planner.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "segment/producer_state.h"

namespace streamhouse::cluster {
namespace {

using base::Errc;
using model::LeaderEpoch;
using model::Offset;
using model::Seq;

model::TopicPartition key(std::int32_t index) {
  return {model::TopicNo(1), model::PartitionIndex(index)};
}

struct SpanAt {
  std::int32_t index = 0;
  std::int64_t base = 0;
  std::int64_t next = 1;
  std::int32_t epoch = 4;
  std::int64_t producer = -1;
  std::int32_t sequence = 0;
};

segment::ProducerBatch producer_batch(const SpanAt& at) {
  const auto count = static_cast<std::int32_t>(at.next - at.base);
  return {.producer = model::ProducerId(at.producer),
          .epoch = model::ProducerEpoch(0),
          .first_sequence = at.sequence,
          .last_sequence = at.sequence + count - 1,
          .offsets = {Offset(at.base), Offset(at.next)},
          .max_timestamp = 1'000};
}

metadata::LogRow commit(std::int64_t seq, const std::vector<SpanAt>& spans) {
  segment::SpanTable table;
  for (const SpanAt& at : spans) {
    segment::Span span{.partition = key(at.index),
                       .epoch = LeaderEpoch(at.epoch),
                       .offsets = {Offset(at.base), Offset(at.next)},
                       .length = 100,
                       .batch_count = 1};
    if (at.producer >= 0) span.producers.push_back(producer_batch(at));
    table.push_back(span);
  }
  segment::place_spans(table, 64);
  return {.seq = Seq(seq),
          .kind = metadata::RowKind::kCommit,
          .payload = base::Bytes(segment::encode_span_table(table))};
}

metadata::Partition owned(std::int32_t index, std::int64_t since_seq, std::int64_t high_watermark) {
  return {.key = key(index),
          .epoch = LeaderEpoch(4),
          .owner = model::SessionId(8),
          .since_seq = Seq(since_seq),
          .high_watermark = Offset(high_watermark)};
}

segment::PartitionCheckpoint entry(std::int32_t index, std::int64_t high_watermark,
                                   std::int32_t epoch = 4) {
  return {.partition = key(index),
          .epoch = LeaderEpoch(epoch),
          .high_watermark = Offset(high_watermark)};
}

/// The final high watermark of partition 0, or the error's name.
std::string end_of(const metadata::RecoveryView& view) {
  const RecoveryPlan plan = plan_recovery(view);
  if (plan.damage) return std::string(base::errc_name(plan.damage->code));
  return std::to_string(plan.states.at(0).high_watermark.value());
}

TEST(RecoveryPlanner, ReplaysEveryCommitOfAPartitionWithoutACheckpoint) {
  EXPECT_EQ(end_of({.owned = {owned(0, 1, 10)},
                    .rows = {commit(1, {{.base = 10, .next = 12}}),
                             commit(2, {{.base = 12, .next = 20}})}}),
            "20");
}

TEST(RecoveryPlanner, EndsAtTheRowWhenTheLogHasNothingOfThePartition) {
  EXPECT_EQ(end_of({.owned = {owned(0, 1, 10)}, .rows = {}}), "10");
  EXPECT_EQ(end_of({.owned = {owned(0, 1, 10)}, .rows = {commit(1, {{.index = 5}})}}), "10");
}

TEST(RecoveryPlanner, GoesOnFromAValidCheckpointAndSkipsWhatItCovers) {
  EXPECT_EQ(end_of({.checkpoint = metadata::CheckpointRow{Seq(2), {entry(0, 20)}},
                    .owned = {owned(0, 1, 10)},
                    .rows = {commit(2, {{.base = 12, .next = 20}}),
                             commit(3, {{.base = 20, .next = 21}})}}),
            "21");
}

TEST(RecoveryPlanner, IgnoresACheckpointEntryOfAnotherEpoch) {
  for (const std::int32_t epoch : {3, 5}) {
    EXPECT_EQ(end_of({.checkpoint = metadata::CheckpointRow{Seq(9), {entry(0, 99, epoch)}},
                      .owned = {owned(0, 1, 10)},
                      .rows = {commit(1, {{.base = 10, .next = 12}})}}),
              "12")
        << epoch;
  }
}

TEST(RecoveryPlanner, IgnoresACheckpointThatIsOlderThanTheAcquire) {
  EXPECT_EQ(end_of({.checkpoint = metadata::CheckpointRow{Seq(4), {entry(0, 99)}},
                    .owned = {owned(0, 6, 10)},
                    .rows = {commit(6, {{.base = 10, .next = 11}})}}),
            "11");
}

TEST(RecoveryPlanner, UsesACheckpointThatWasWrittenRightBeforeTheFirstRow) {
  EXPECT_EQ(end_of({.checkpoint = metadata::CheckpointRow{Seq(5), {entry(0, 40)}},
                    .owned = {owned(0, 6, 10)},
                    .rows = {commit(6, {{.base = 40, .next = 41}})}}),
            "41");
}

TEST(RecoveryPlanner, FindsEachPartitionsOwnEntryAndAnswersInOrder) {
  const segment::CheckpointTable states =
      plan_recovery({.checkpoint = metadata::CheckpointRow{Seq(1), {entry(1, 7), entry(3, 9)}},
                     .owned = {owned(3, 1, 0), owned(1, 1, 0), owned(2, 1, 5)},
                     .rows = {}})
          .states;
  ASSERT_EQ(states.size(), 3u);
  EXPECT_EQ(states[0].high_watermark, Offset(7));
  EXPECT_EQ(states[1].high_watermark, Offset(5));
  EXPECT_EQ(states[2].high_watermark, Offset(9));
  for (const auto& one : states) EXPECT_EQ(one.epoch, LeaderEpoch(4)) << "as it was read";
}

TEST(RecoveryPlanner, IgnoresRowsBeforeTheAcquireAndSpansOfAnotherLease) {
  EXPECT_EQ(end_of({.owned = {owned(0, 3, 10)},
                    .rows = {commit(2, {{.base = 77, .next = 78}}),
                             commit(3, {{.base = 55, .next = 56, .epoch = 2}}),
                             commit(4, {{.base = 10, .next = 13}})}}),
            "13");
}

TEST(RecoveryPlanner, IgnoresVoidRows) {
  metadata::RecoveryView view{
      .owned = {owned(0, 1, 10)},
      .rows = {commit(1, {{.base = 3, .next = 4}}), commit(2, {{.base = 10, .next = 11}})}};
  view.session.trimmed_to = Seq(1);
  EXPECT_EQ(end_of(view), "11");
}

TEST(RecoveryPlanner, CallsAHoleAnOverlapAndARepeatedSpanCorruptAndNamesTheRow) {
  for (const std::int64_t base : {11, 13}) {
    const auto planned = plan_recovery(
        {.owned = {owned(0, 1, 10)},
         .rows = {commit(1, {{.base = 10, .next = 12}}), commit(2, {{.base = base, .next = 20}})}});
    ASSERT_TRUE(planned.damage) << base;
    EXPECT_TRUE(planned.states.empty());
    EXPECT_EQ(planned.damage->code, Errc::kCorrupt);
    EXPECT_NE(planned.damage->text.find("row 2"), std::string::npos) << planned.damage->text;
    EXPECT_NE(planned.damage->text.find("expected 12"), std::string::npos) << planned.damage->text;
  }
  EXPECT_EQ(end_of({.owned = {owned(0, 1, 10)},
                    .rows = {commit(1, {{.base = 10, .next = 12}}),
                             commit(2, {{.base = 10, .next = 12}})}}),
            "corrupt");
}

TEST(RecoveryPlanner, CallsPayloadsThatDoNotDecodeCorrupt) {
  metadata::LogRow damaged = commit(1, {{.base = 10, .next = 11}});
  damaged.payload = damaged.payload.slice(0, damaged.payload.size() - 1);
  EXPECT_EQ(end_of({.owned = {owned(0, 1, 10)}, .rows = {damaged}}), "corrupt");
  metadata::Partition row = owned(0, 1, 10);
  row.producers = base::Bytes(base::ByteVector{9, 9, 9});
  EXPECT_EQ(end_of({.owned = {row}, .rows = {}}), "corrupt");
}

TEST(RecoveryPlanner, DamageOfOnePartitionLeavesTheOthersWhole) {
  metadata::LogRow unreadable = commit(3, {{.base = 12, .next = 13}});
  unreadable.payload = unreadable.payload.slice(0, 1);
  metadata::Partition no_producers = owned(2, 1, 0);
  no_producers.producers = base::Bytes(base::ByteVector{9, 9, 9});
  const RecoveryPlan plan = plan_recovery(
      {.checkpoint = metadata::CheckpointRow{Seq(3), {entry(1, 7)}},
       .owned = {owned(0, 1, 10), owned(1, 1, 0), no_producers, owned(3, 5, 4)},
       .rows = {
           commit(2, {{.base = 10, .next = 12}}), unreadable,
           commit(5, {{.index = 1, .base = 7, .next = 9}, {.index = 3, .base = 4, .next = 6}})}});
  ASSERT_EQ(plan.states.size(), 2u) << "row 3 is covered for 1, and from before 3 was acquired";
  EXPECT_EQ(plan.states[0].partition, key(1));
  EXPECT_EQ(plan.states[0].high_watermark, Offset(9));
  EXPECT_EQ(plan.states[1].partition, key(3));
  EXPECT_EQ(plan.states[1].high_watermark, Offset(6));
  EXPECT_EQ(plan.damaged, 2u);
  ASSERT_TRUE(plan.damage);
  EXPECT_NE(plan.damage->text.find("row 3"), std::string::npos) << plan.damage->text;
}

TEST(RecoveryPlanner, CarriesProducersFromTheRowTheCheckpointAndTheLog) {
  const auto snapshot_of = [](const SpanAt& at) {
    const segment::ProducerBatch batch = producer_batch(at);
    return base::Bytes(segment::encode_producer_snapshot({{.producer = batch.producer,
                                                           .epoch = batch.epoch,
                                                           .last_timestamp = batch.max_timestamp,
                                                           .batches = {batch}}}));
  };
  metadata::RecoveryView view{
      .owned = {owned(0, 1, 10)},
      .rows = {commit(2, {{.base = 10, .next = 12, .producer = 5, .sequence = 2}})}};
  view.owned[0].producers = snapshot_of({.base = 8, .next = 10, .producer = 5});
  const auto from_row = plan_recovery(view);
  ASSERT_FALSE(from_row.damage);
  auto producers = segment::decode_producer_snapshot(from_row.states.at(0).producers);
  ASSERT_TRUE(producers);
  ASSERT_EQ(producers->size(), 1u);
  EXPECT_EQ(producers->at(0).batches.size(), 2u);

  auto checkpointed = entry(0, 10);
  checkpointed.producers = snapshot_of({.base = 9, .next = 10, .producer = 6});
  view.checkpoint = metadata::CheckpointRow{Seq(1), {checkpointed}};
  const auto from_checkpoint = plan_recovery(view);
  ASSERT_FALSE(from_checkpoint.damage);
  producers = segment::decode_producer_snapshot(from_checkpoint.states.at(0).producers);
  ASSERT_TRUE(producers);
  ASSERT_EQ(producers->size(), 2u) << "the checkpoint's 6 and the log's 5, not the row's";
  EXPECT_EQ(producers->at(0).batches.size(), 1u);
  EXPECT_EQ(producers->at(1).producer, model::ProducerId(6));
}

TEST(RecoveryPlanner, TakesTheHigherLogStartOfRowAndCheckpoint) {
  metadata::RecoveryView view{.owned = {owned(0, 1, 10)}};
  auto checkpointed = entry(0, 20);
  checkpointed.log_start = Offset(6);
  view.checkpoint = metadata::CheckpointRow{Seq(3), {checkpointed}};
  for (const std::int64_t durable : {4, 6, 9}) {
    view.owned[0].log_start = Offset(durable);
    const auto planned = plan_recovery(view);
    ASSERT_FALSE(planned.damage);
    EXPECT_EQ(planned.states.at(0).log_start, Offset(std::max<std::int64_t>(durable, 6)));
  }
}

}  // namespace
}  // namespace streamhouse::cluster
