// Goal: a client gets every record from where it began, in order, none twice, across batches and
// codecs; control batches are not records.
// Method: runs of batches as a fetch returns them, built by the batch builder.
#include "rpc/records/record_cursor.h"

#include <gtest/gtest.h>

#include "model/record_batch_builder.h"

namespace streamhouse::rpc {
namespace {

using model::Offset;

base::ByteVector batch_of(std::int64_t base, int count, model::Codec codec = model::Codec::kNone,
                          std::int16_t flags = 0) {
  model::RecordBatchBuilder builder({.flags = flags});
  for (int i = 0; i < count; ++i) {
    const std::string value = "value " + std::to_string(base + i);
    EXPECT_TRUE(builder.append({.value = base::as_bytes(value)}));
  }
  auto batch = *std::move(builder).build(codec);
  model::place_batch(batch, Offset(base), model::LeaderEpoch(1));
  return batch;
}

base::Bytes run_of(std::vector<base::ByteVector> batches) {
  base::ByteVector run;
  for (const auto& batch : batches) run.insert(run.end(), batch.begin(), batch.end());
  return base::Bytes(std::move(run));
}

std::vector<std::int64_t> rest_of(RecordCursor& cursor) {
  std::vector<std::int64_t> offsets;
  while (true) {
    const auto record = cursor.peek();
    EXPECT_TRUE(record) << record.error().text;
    if (!record || *record == nullptr) return offsets;
    const std::int64_t offset = (*record)->offset.value();
    EXPECT_EQ(base::to_string(*(*record)->value), "value " + std::to_string(offset));
    offsets.push_back(offset);
    cursor.pop();
    EXPECT_EQ(cursor.next_offset(), Offset(offset + 1));
  }
}

TEST(RecordCursorTest, RecordsOfAllBatchesFollowEachOther) {
  RecordCursor cursor({run_of({batch_of(0, 3), batch_of(3, 2, model::Codec::kLz4)}),
                       run_of({batch_of(5, 1, model::Codec::kZstd)})},
                      Offset(0));
  EXPECT_EQ(rest_of(cursor), (std::vector<std::int64_t>{0, 1, 2, 3, 4, 5}));
  EXPECT_EQ(cursor.next_offset(), Offset(6));
}

TEST(RecordCursorTest, BeginsInTheMiddleOfABatch) {
  RecordCursor cursor({run_of({batch_of(10, 5)})}, Offset(12));
  EXPECT_EQ(cursor.next_offset(), Offset(12));
  EXPECT_EQ(rest_of(cursor), (std::vector<std::int64_t>{12, 13, 14}));
}

TEST(RecordCursorTest, PeekAnswersTheSameRecordUntilItIsTaken) {
  RecordCursor cursor({run_of({batch_of(0, 2)})}, Offset(0));
  const model::Record* const first = *cursor.peek();
  EXPECT_EQ(*cursor.peek(), first);
  EXPECT_EQ(cursor.next_offset(), Offset(0));
  cursor.pop();
  EXPECT_EQ((*cursor.peek())->offset, Offset(1));
}

TEST(RecordCursorTest, ControlBatchesArePassedOverButCounted) {
  const auto control = batch_of(2, 1, model::Codec::kNone, model::batch_layout::kControlBit);
  RecordCursor cursor({run_of({batch_of(0, 2), control})}, Offset(0));
  EXPECT_EQ(rest_of(cursor), (std::vector<std::int64_t>{0, 1}));
  EXPECT_EQ(cursor.next_offset(), Offset(3));
}

TEST(RecordCursorTest, NothingFetchedIsNothingRead) {
  RecordCursor cursor({}, Offset(7));
  EXPECT_EQ(*cursor.peek(), nullptr);
  EXPECT_EQ(*cursor.peek(), nullptr);
  EXPECT_EQ(cursor.next_offset(), Offset(7));
}

TEST(RecordCursorTest, BatchThatDoesNotDecodeIsAnError) {
  auto broken = batch_of(0, 1, model::Codec::kLz4);
  broken.back() ^= 1;
  broken[model::batch_layout::kRecords] ^= 1;
  RecordCursor cursor({run_of({broken})}, Offset(0));
  EXPECT_FALSE(cursor.peek());
}

}  // namespace
}  // namespace streamhouse::rpc
