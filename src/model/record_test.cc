// Goal: records come out of a batch exactly as they went in, and records that contradict themselves
// or their batch are refused with the name of what is wrong.
// Method: record bytes written by hand into otherwise valid batches, for each codec.
#include "model/record.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "base/crc32c.h"
#include "base/varint.h"
#include "model/record_batch_builder.h"

namespace streamhouse::model {
namespace {

using base::append_zigzag;
using base::as_bytes;
using base::as_text;
using base::BytesView;
using base::ByteVector;
using base::Errc;
using ::testing::HasSubstr;
namespace layout = batch_layout;

constexpr std::size_t kDecompressedMax = std::size_t{16} << 20;
constexpr std::int64_t kBaseTimestamp = 1000;

/// Fields of one record as numbers, so that each can be made wrong.
struct RawRecord {
  std::int64_t length_change = 0;
  std::int64_t timestamp_delta = 0;
  std::int64_t offset_delta = 0;
  std::int64_t key_length = -1;
  std::int64_t value_length = -1;
  std::int64_t header_count = 0;
  std::string rest = {};  ///< Follows the header count.
};

ByteVector raw(const RawRecord& record) {
  ByteVector body = {0};
  append_zigzag(body, record.timestamp_delta);
  append_zigzag(body, record.offset_delta);
  append_zigzag(body, record.key_length);
  append_zigzag(body, record.value_length);
  append_zigzag(body, record.header_count);
  body.insert(body.end(), record.rest.begin(), record.rest.end());
  ByteVector out;
  append_zigzag(out, static_cast<std::int64_t>(body.size()) + record.length_change);
  out.insert(out.end(), body.begin(), body.end());
  return out;
}

ByteVector joined(std::initializer_list<ByteVector> parts) {
  ByteVector out;
  for (const auto& part : parts) out.insert(out.end(), part.begin(), part.end());
  return out;
}

/// A batch whose header says `count` records, whatever `records` holds.
ByteVector batch_of(BytesView records, std::int32_t count, Codec codec = Codec::kNone) {
  RecordBatchBuilder builder;
  EXPECT_TRUE(builder.append({.timestamp = kBaseTimestamp}));
  ByteVector batch = std::move(builder).build(Codec::kNone).value();
  batch.resize(kBatchHeaderSize);
  EXPECT_TRUE(compress(codec, records, batch));
  base::store_big(batch.data() + layout::kBatchLength,
                  static_cast<std::int32_t>(batch.size() - layout::kLengthExcludes));
  base::store_big(batch.data() + layout::kAttributes, static_cast<std::int16_t>(codec));
  base::store_big(batch.data() + layout::kLastOffsetDelta, count - 1);
  base::store_big(batch.data() + layout::kRecordCount, count);
  base::store_big(batch.data() + layout::kCrc,
                  base::crc32c(BytesView(batch).subspan(layout::kAttributes)));
  return batch;
}

base::Status validate(BytesView batch) {
  return validate_records(RecordBatchView::front_of(batch).value(), kDecompressedMax);
}

/// Uncompressed and compressed records must be refused alike.
void expect_refused(const ByteVector& records, std::int32_t count, const std::string& text) {
  for (const Codec codec : {Codec::kNone, Codec::kZstd}) {
    const auto status = validate(batch_of(records, count, codec));
    ASSERT_FALSE(status.has_value()) << text;
    EXPECT_EQ(status.error().code, Errc::kInvalid);
    EXPECT_THAT(status.error().text, HasSubstr(text));
  }
}

TEST(RecordReaderTest, ReadsRecordsOfEveryShape) {
  const std::vector<Record> records = {
      {.offset = Offset(10), .timestamp = 5, .key = as_bytes("k"), .value = as_bytes("v")},
      {.offset = Offset(11), .timestamp = 3},
      {.offset = Offset(12), .timestamp = 9, .key = BytesView(), .value = BytesView()},
      {.offset = Offset(13), .timestamp = 9, .value = as_bytes("only a value")},
      {.offset = Offset(14),
       .timestamp = -1,
       .key = as_bytes("only a key"),
       .headers = {{"h", as_bytes("1")}, {"h", std::nullopt}, {"", BytesView()}}},
  };
  for (const Codec codec :
       {Codec::kNone, Codec::kGzip, Codec::kSnappy, Codec::kLz4, Codec::kZstd}) {
    RecordBatchBuilder builder;
    for (const auto& record : records) ASSERT_TRUE(builder.append(record));
    ByteVector batch = std::move(builder).build(codec).value();
    place_batch(batch, Offset(10), LeaderEpoch(0));

    auto reader = RecordReader::open(RecordBatchView::front_of(batch).value(), 1000).value();
    for (const auto& expected : records) {
      const auto record = reader.next().value();
      ASSERT_TRUE(record.has_value());
      EXPECT_EQ(*record, expected) << codec_name(codec) << expected.offset;
    }
    EXPECT_FALSE(reader.next().value().has_value());
    EXPECT_FALSE(reader.next().value().has_value());
  }
}

TEST(RecordReaderTest, TellsNullFromEmpty) {
  const Record null_value = {.key = as_bytes("k")};
  const Record empty_value = {.key = as_bytes("k"), .value = BytesView()};
  EXPECT_FALSE(null_value == empty_value);
  EXPECT_FALSE((RecordHeader{"h", std::nullopt} == RecordHeader{"h", BytesView()}));
}

TEST(RecordReaderTest, RecordsOutliveAMoveOfTheReader) {
  RecordBatchBuilder builder;
  ASSERT_TRUE(builder.append({.value = as_bytes("a value that is compressed")}));
  const ByteVector batch = std::move(builder).build(Codec::kGzip).value();
  auto reader = RecordReader::open(RecordBatchView::front_of(batch).value(), 1000).value();
  const auto record = reader.next().value();
  const RecordReader moved = std::move(reader);
  EXPECT_EQ(as_text(record->value.value()), "a value that is compressed");
  EXPECT_EQ(moved.position(), 1);
}

TEST(RecordReaderTest, BorrowsFromAnUncompressedBatch) {
  RecordBatchBuilder builder;
  ASSERT_TRUE(builder.append({.value = as_bytes("in place")}));
  const ByteVector batch = std::move(builder).build(Codec::kNone).value();
  auto reader = RecordReader::open(RecordBatchView::front_of(batch).value(), 0).value();
  const auto record = reader.next().value();
  EXPECT_GE(record->value->data(), batch.data());
  EXPECT_LE(record->value->data() + record->value->size(), batch.data() + batch.size());
}

TEST(RecordReaderTest, GivesEveryRecordTheAppendTimeOfItsBatch) {
  RecordBatchBuilder builder;
  for (const int time : {1, 2, 3}) ASSERT_TRUE(builder.append({.timestamp = time}));
  ByteVector batch = std::move(builder).build(Codec::kLz4).value();
  stamp_log_append_time(batch, 4711);
  auto reader = RecordReader::open(RecordBatchView::front_of(batch).value(), 1000).value();
  for (int i = 0; i < 3; ++i) EXPECT_EQ(reader.next().value()->timestamp, 4711);
}

TEST(RecordReaderTest, ReadsTheGapsOfACompactedBatch) {
  ByteVector batch = batch_of(joined({raw({.offset_delta = 2}), raw({.offset_delta = 7})}), 2);
  base::store_big(batch.data() + layout::kLastOffsetDelta, std::int32_t{9});
  auto reader = RecordReader::open(RecordBatchView::front_of(batch).value(), 0).value();
  EXPECT_EQ(reader.next().value()->offset, Offset(2));
  EXPECT_EQ(reader.next().value()->offset, Offset(7));
  EXPECT_FALSE(reader.next().value().has_value());
  EXPECT_FALSE(validate(batch).has_value()) << "no producer numbers so";
}

TEST(RecordReaderTest, HoldsTheDecompressionCap) {
  RecordBatchBuilder builder;
  const std::string zeros(100000, '\0');
  ASSERT_TRUE(builder.append({.value = as_bytes(zeros)}));
  const std::size_t size = builder.size() - kBatchHeaderSize;
  const ByteVector batch = std::move(builder).build(Codec::kZstd).value();
  const auto view = RecordBatchView::front_of(batch).value();
  EXPECT_TRUE(RecordReader::open(view, size).has_value());
  EXPECT_EQ(RecordReader::open(view, size - 1).error().code, Errc::kTooLarge);
}

TEST(RecordReaderTest, RepeatsItsError) {
  const ByteVector batch = batch_of(joined({raw({}), raw({.offset_delta = 9})}), 2);
  auto reader = RecordReader::open(RecordBatchView::front_of(batch).value(), 0).value();
  EXPECT_TRUE(reader.next().has_value());
  EXPECT_THAT(reader.next().error().text, HasSubstr("record 1"));
  EXPECT_THAT(reader.next().error().text, HasSubstr("record 1"));
}

TEST(ValidateRecordsTest, AcceptsRecordsWithoutAnything) {
  EXPECT_TRUE(validate(batch_of(raw({}), 1)).has_value());
  EXPECT_TRUE(validate(batch_of(joined({raw({}), raw({.offset_delta = 1})}), 2)).has_value());
}

TEST(ValidateRecordsTest, NamesTheRecordAndTheFieldThatIsWrong) {
  expect_refused(raw({.length_change = 1}), 1, "record 0 of the batch is malformed: length");
  expect_refused(raw({.length_change = -1}), 1, "header count");
  expect_refused(raw({.rest = "x"}), 1, "length");
  expect_refused(raw({.timestamp_delta = std::numeric_limits<std::int64_t>::max()}), 1,
                 "timestamp");
  expect_refused(raw({.offset_delta = 1}), 1, "offset delta");
  expect_refused(raw({.offset_delta = -1}), 1, "offset delta");
  expect_refused(raw({.offset_delta = std::int64_t{1} << 31}), 1, "offset delta");
  expect_refused(joined({raw({}), raw({})}), 2, "record 1 of the batch is malformed: offset delta");
  expect_refused(raw({.key_length = 4}), 1, "key");
  expect_refused(raw({.key_length = -2}), 1, "key");
  expect_refused(raw({.value_length = 2}), 1, "value");
  expect_refused(raw({.value_length = -2}), 1, "value");
  expect_refused(raw({.header_count = -1}), 1, "header count");
  expect_refused(raw({.header_count = 1}), 1, "header count");
  expect_refused(raw({.header_count = std::numeric_limits<std::int32_t>::max()}), 1,
                 "header count");
  const std::string header_with_null_key = "\x01\x01";
  expect_refused(raw({.header_count = 1, .rest = header_with_null_key}), 1, "header key");
  const std::string header_with_long_value = {'\x02', 'h', '\x08', 'v'};
  expect_refused(raw({.header_count = 1, .rest = header_with_long_value}), 1, "header value");
}

TEST(ValidateRecordsTest, RefusesFewerOrMoreRecordsThanTheBatchSays) {
  const ByteVector two = joined({raw({}), raw({.offset_delta = 1})});
  expect_refused(two, 1, "bytes after the last record");
  expect_refused(two, 3, "record 2 of the batch is malformed: length");
  expect_refused({}, 1, "record 0 of the batch is malformed: length");
}

TEST(ValidateRecordsTest, RefusesADeltaThatSkips) {
  ByteVector records = joined({raw({}), raw({.offset_delta = 2}), raw({.offset_delta = 3})});
  ByteVector batch = batch_of(records, 3);
  base::store_big(batch.data() + layout::kLastOffsetDelta, std::int32_t{3});
  EXPECT_THAT(validate(batch).error().text, HasSubstr("record 1 of the batch"));
}

TEST(ValidateRecordsTest, RefusesEveryTruncationOfTheRecords) {
  const ByteVector records =
      joined({raw({.key_length = 3, .value_length = -1, .header_count = 0}), raw({})});
  for (std::size_t size = 0; size < records.size(); ++size)
    ASSERT_FALSE(validate(batch_of(BytesView(records).first(size), 2)).has_value()) << size;
}

TEST(ValidateRecordsTest, RefusesOffsetsBeyondTheEndOfNumbers) {
  ByteVector batch = batch_of(raw({.offset_delta = std::numeric_limits<std::int32_t>::max()}), 1);
  place_batch(batch, Offset(std::numeric_limits<std::int64_t>::max() - 1), LeaderEpoch(0));
  EXPECT_THAT(validate(batch).error().text, HasSubstr("offset delta"));
}

}  // namespace
}  // namespace streamhouse::model
