// Goal: a header is read as it stands, a produced batch is accepted only if it may be stored, and
// the leader's changes touch what they should and nothing else.
// Method: batches from the builder, one field broken at a time (with the CRC made good again),
// every truncation, every single flipped bit.
#include "model/record_batch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <limits>

#include "base/crc32c.h"
#include "model/record_batch_builder.h"

namespace streamhouse::model {
namespace {

using base::as_bytes;
using base::BytesView;
using base::ByteVector;
using base::Errc;
using ::testing::HasSubstr;
namespace layout = batch_layout;

ByteVector make_batch(int count, BatchHeaderFields fields = {}, Codec codec = Codec::kNone) {
  RecordBatchBuilder builder(fields);
  for (int i = 0; i < count; ++i) {
    const auto status = builder.append(
        {.timestamp = 1000 + i, .key = as_bytes("key"), .value = as_bytes("some value")});
    EXPECT_TRUE(status.has_value());
  }
  return std::move(builder).build(codec).value();
}

void seal(ByteVector& batch) {
  base::store_big(batch.data() + layout::kCrc,
                  base::crc32c(BytesView(batch).subspan(layout::kAttributes)));
}

/// A valid batch of three records with one field overwritten, and a CRC that fits.
template <class T>
ByteVector batch_with(std::size_t position, T value, BatchHeaderFields fields = {}) {
  ByteVector batch = make_batch(3, fields);
  base::store_big(batch.data() + position, value);
  seal(batch);
  return batch;
}

const BatchHeaderFields kIdempotent = {
    .producer = ProducerId(77), .producer_epoch = ProducerEpoch(3), .base_sequence = 40};

void expect_refused(BytesView bytes, Errc code, const std::string& text,
                    const ProduceRules& rules = {}) {
  const auto batch = validate_produced(bytes, rules);
  ASSERT_FALSE(batch.has_value()) << text;
  EXPECT_EQ(batch.error().code, code) << batch.error().text;
  EXPECT_THAT(batch.error().text, HasSubstr(text));
}

TEST(RecordBatchViewTest, ReadsEveryHeaderField) {
  ByteVector bytes = make_batch(3, kIdempotent, Codec::kLz4);
  place_batch(bytes, Offset(500), LeaderEpoch(9));
  const auto batch = RecordBatchView::front_of(bytes).value();
  EXPECT_EQ(batch.base_offset(), Offset(500));
  EXPECT_EQ(batch.next_offset(), Offset(503));
  EXPECT_EQ(batch.offsets(), (OffsetRange{Offset(500), Offset(503)}));
  EXPECT_EQ(batch.size(), bytes.size());
  EXPECT_EQ(batch.leader_epoch(), LeaderEpoch(9));
  EXPECT_EQ(batch.codec(), Codec::kLz4);
  EXPECT_EQ(batch.timestamp_type(), TimestampType::kCreateTime);
  EXPECT_FALSE(batch.is_transactional());
  EXPECT_FALSE(batch.is_control());
  EXPECT_EQ(batch.last_offset_delta(), 2);
  EXPECT_EQ(batch.base_timestamp(), 1000);
  EXPECT_EQ(batch.max_timestamp(), 1002);
  EXPECT_TRUE(batch.is_idempotent());
  EXPECT_EQ(batch.producer_id(), ProducerId(77));
  EXPECT_EQ(batch.producer_epoch(), ProducerEpoch(3));
  EXPECT_EQ(batch.base_sequence(), 40);
  EXPECT_EQ(batch.last_sequence(), 42);
  EXPECT_EQ(batch.record_count(), 3);
  EXPECT_EQ(batch.records().size(), bytes.size() - kBatchHeaderSize);
  EXPECT_TRUE(batch.crc_matches());
}

TEST(RecordBatchViewTest, SequenceNumbersGoOnAtZeroAfterTheLargest) {
  const auto last_of = [](std::int32_t base) {
    const ByteVector bytes = batch_with(layout::kBaseSequence, base, kIdempotent);
    return RecordBatchView::front_of(bytes).value().last_sequence();
  };
  constexpr std::int32_t kMax = std::numeric_limits<std::int32_t>::max();
  EXPECT_EQ(last_of(kMax - 2), kMax);
  EXPECT_EQ(last_of(kMax - 1), 0);
  EXPECT_EQ(last_of(kMax), 1);
}

TEST(RecordBatchViewTest, RefusesOffsetsThatCannotBe) {
  constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();
  const ByteVector last = batch_with(layout::kBaseOffset, kMax - 3);
  EXPECT_EQ(RecordBatchView::front_of(last).value().next_offset(), Offset(kMax));
  for (const ByteVector& bytes : {batch_with(layout::kBaseOffset, kMax - 2),
                                  batch_with(layout::kBaseOffset, std::int64_t{-1}),
                                  batch_with(layout::kLastOffsetDelta, std::int32_t{-1})})
    EXPECT_EQ(RecordBatchView::front_of(bytes).error().code, Errc::kCorrupt);
}

TEST(BatchCursorTest, WalksARunBatchByBatch) {
  ByteVector run;
  std::int64_t next = 0;
  for (const int count : {1, 5, 2}) {
    ByteVector batch = make_batch(count);
    place_batch(batch, Offset(next), LeaderEpoch(1));
    run.insert(run.end(), batch.begin(), batch.end());
    next += count;
  }
  BatchCursor cursor(run);
  std::int64_t expected = 0;
  for (const int count : {1, 5, 2}) {
    const auto batch = cursor.next().value();
    ASSERT_TRUE(batch.has_value());
    EXPECT_EQ(batch->base_offset(), Offset(expected));
    expected += count;
    EXPECT_EQ(batch->next_offset(), Offset(expected));
    EXPECT_TRUE(batch->crc_matches());
  }
  EXPECT_FALSE(cursor.next().value().has_value());
  EXPECT_TRUE(cursor.rest().empty());
}

TEST(BatchCursorTest, StopsAtACutBatchAndSaysSo) {
  ByteVector run = make_batch(1);
  const std::size_t first = run.size();
  const ByteVector second = make_batch(2);
  run.insert(run.end(), second.begin(), second.end());
  for (std::size_t size = first + 1; size < run.size(); ++size) {
    BatchCursor cursor(BytesView(run).first(size));
    ASSERT_TRUE(cursor.next().value().has_value());
    ASSERT_EQ(cursor.next().error().code, Errc::kCorrupt) << size;
    ASSERT_EQ(cursor.next().error().code, Errc::kCorrupt) << size;
    ASSERT_EQ(cursor.rest().size(), size - first);
  }
}

TEST(ValidateProducedTest, AcceptsWhatAProducerSends) {
  for (const auto& fields : {BatchHeaderFields{}, kIdempotent}) {
    const ByteVector bytes = make_batch(3, fields);
    const auto batch = validate_produced(bytes, {});
    ASSERT_TRUE(batch.has_value()) << batch.error().text;
    EXPECT_EQ(batch->bytes().data(), bytes.data());
    EXPECT_EQ(batch->record_count(), 3);
  }
}

TEST(ValidateProducedTest, RefusesEveryTruncation) {
  const ByteVector bytes = make_batch(3);
  for (std::size_t size = 0; size < bytes.size(); ++size)
    expect_refused(BytesView(bytes).first(size), Errc::kCorrupt, "batch");
}

TEST(ValidateProducedTest, FindsEverySingleFlippedBitExceptInThePlacement) {
  ByteVector bytes = make_batch(3, kIdempotent, Codec::kZstd);
  for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    const std::size_t position = bit / 8;
    // Base offset and leader epoch are the leader's to write, hence outside the CRC; of the two
    // only the base offset must be zero when a producer sends the batch.
    if (position >= layout::kLeaderEpoch && position < layout::kMagic) continue;
    bytes[position] ^= static_cast<std::uint8_t>(1 << bit % 8);
    ASSERT_FALSE(validate_produced(bytes, {}).has_value()) << "bit " << bit;
    bytes[position] ^= static_cast<std::uint8_t>(1 << bit % 8);
  }
  EXPECT_TRUE(validate_produced(bytes, {}).has_value());
}

TEST(ValidateProducedTest, RefusesASecondBatchAndStrayBytes) {
  ByteVector bytes = make_batch(1);
  const ByteVector second = make_batch(1);
  bytes.push_back(0);
  expect_refused(bytes, Errc::kInvalid, "bytes after the batch: 1");
  bytes.pop_back();
  bytes.insert(bytes.end(), second.begin(), second.end());
  expect_refused(bytes, Errc::kInvalid, "bytes after the batch");
}

TEST(ValidateProducedTest, HoldsTheSizeLimitExactly) {
  const ByteVector bytes = make_batch(3);
  EXPECT_TRUE(validate_produced(bytes, {.batch_bytes_max = bytes.size()}).has_value());
  expect_refused(bytes, Errc::kTooLarge, std::to_string(bytes.size()),
                 {.batch_bytes_max = bytes.size() - 1});
}

TEST(ValidateProducedTest, NamesTheFieldThatIsWrong) {
  using i8 = std::int8_t;
  using i16 = std::int16_t;
  using i32 = std::int32_t;
  using i64 = std::int64_t;
  expect_refused(batch_with(layout::kBatchLength, i32{48}), Errc::kCorrupt, "length 48");
  expect_refused(batch_with(layout::kBatchLength, i32{-1}), Errc::kCorrupt, "length -1");
  expect_refused(batch_with(layout::kMagic, i8{1}), Errc::kInvalid, "magic 1");
  expect_refused(batch_with(layout::kBaseOffset, i64{1}), Errc::kInvalid, "base offset 1");
  expect_refused(batch_with(layout::kAttributes, i16{5}), Errc::kUnsupported, "codec 5");
  expect_refused(batch_with(layout::kAttributes, layout::kControlBit), Errc::kInvalid, "control");
  expect_refused(batch_with(layout::kAttributes, layout::kDeleteHorizonBit), Errc::kInvalid,
                 "delete horizon");
  expect_refused(batch_with(layout::kAttributes, layout::kTransactionalBit), Errc::kInvalid,
                 "no producer id");
  expect_refused(batch_with(layout::kLastOffsetDelta, i32{1}), Errc::kInvalid,
                 "last offset delta 1, but record count 3");
  // Kafka calls a batch without records, as this one says it is, invalid and not corrupt.
  expect_refused(batch_with(layout::kLastOffsetDelta, i32{-1}), Errc::kInvalid,
                 "last offset delta -1");
  expect_refused(batch_with(layout::kBaseOffset, i64{-1}), Errc::kInvalid, "base offset -1");
  expect_refused(batch_with(layout::kRecordCount, i32{0}), Errc::kInvalid, "record count 0");
  expect_refused(batch_with(layout::kRecordCount, i32{-1}), Errc::kInvalid, "record count -1");
  expect_refused(batch_with(layout::kBaseSequence, i32{-1}, kIdempotent), Errc::kInvalid,
                 "sequence -1");
  expect_refused(batch_with(layout::kProducerEpoch, i16{-1}, kIdempotent), Errc::kInvalid,
                 "producer epoch -1");
  ByteVector unsealed = make_batch(3);
  base::store_big(unsealed.data() + layout::kLastOffsetDelta, i32{-1});
  expect_refused(unsealed, Errc::kCorrupt, "last offset delta -1");
  ByteVector damaged = make_batch(3);
  damaged.back() ^= 1;
  expect_refused(damaged, Errc::kCorrupt, "CRC");
}

TEST(ValidateProducedTest, RefusesACountThatTheBytesCannotHold) {
  ByteVector bytes = make_batch(3);
  const auto count = static_cast<std::int32_t>((bytes.size() - kBatchHeaderSize) / 7 + 1);
  base::store_big(bytes.data() + layout::kRecordCount, count);
  base::store_big(bytes.data() + layout::kLastOffsetDelta, count - 1);
  seal(bytes);
  expect_refused(bytes, Errc::kInvalid, "record count");
}

TEST(ValidateProducedTest, HoldsTimesToTheirBounds) {
  const ByteVector bytes = make_batch(3);  // 1000 to 1002
  EXPECT_TRUE(validate_produced(bytes, {.timestamp_min = 1000, .timestamp_max = 1002}));
  expect_refused(bytes, Errc::kInvalidTimestamp, "timestamp 1000", {.timestamp_min = 1001});
  expect_refused(bytes, Errc::kInvalidTimestamp, "timestamp 1002", {.timestamp_max = 1001});

  ByteVector untimed = batch_with(layout::kBaseTimestamp, kNoTimestamp);
  base::store_big(untimed.data() + layout::kMaxTimestamp, kNoTimestamp);
  seal(untimed);
  EXPECT_TRUE(validate_produced(untimed, {.timestamp_min = 1001}).has_value());
}

TEST(ValidateProducedTest, AcceptsLogAppendTimeOnlyWhereTheTopicHasIt) {
  const ByteVector bytes = batch_with(layout::kAttributes, layout::kLogAppendTimeBit);
  expect_refused(bytes, Errc::kInvalidTimestamp, "log append time");
  const ProduceRules rules = {.timestamp_type = TimestampType::kLogAppendTime,
                              .timestamp_max = 0};  // does not matter: the time will be replaced
  EXPECT_TRUE(validate_produced(bytes, rules).has_value());
  const ByteVector create_time = make_batch(3);
  EXPECT_TRUE(validate_produced(create_time, rules).has_value());
}

TEST(PlaceBatchTest, ChangesOnlyBaseOffsetAndLeaderEpoch) {
  const ByteVector before = make_batch(3);
  ByteVector placed = before;
  place_batch(placed, Offset(0x0102030405060708), LeaderEpoch(0x0a0b0c0d));
  const auto batch = RecordBatchView::front_of(placed).value();
  EXPECT_EQ(batch.base_offset(), Offset(0x0102030405060708));
  EXPECT_EQ(batch.leader_epoch(), LeaderEpoch(0x0a0b0c0d));
  EXPECT_TRUE(batch.crc_matches());
  for (std::size_t i = 0; i < before.size(); ++i)
    if (!(i < 8 || (i >= 12 && i < 16))) ASSERT_EQ(placed[i], before[i]) << i;
}

TEST(StampLogAppendTimeTest, SetsTypeTimeAndCrc) {
  const ByteVector before = make_batch(3, kIdempotent, Codec::kLz4);
  ByteVector stamped = before;
  stamp_log_append_time(stamped, 987654321);
  const auto batch = RecordBatchView::front_of(stamped).value();
  EXPECT_EQ(batch.timestamp_type(), TimestampType::kLogAppendTime);
  EXPECT_EQ(batch.codec(), Codec::kLz4);
  EXPECT_EQ(batch.max_timestamp(), 987654321);
  EXPECT_TRUE(batch.crc_matches());
  EXPECT_TRUE(base::equal(batch.records(), BytesView(before).subspan(kBatchHeaderSize)));
  EXPECT_EQ(batch.base_timestamp(), 1000);
}

}  // namespace
}  // namespace streamhouse::model
