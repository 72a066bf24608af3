// Goal: what a client decodes is what the batch held, byte for byte.
// Method: random records encoded here, then parsed and encoded again by Protocol Buffers' own
// library.
#include "rpc/records/consumed_message.h"

#include <gtest/gtest.h>

#include "tests/rpc/random_records.h"

namespace streamhouse::rpc {
namespace {

model::Record borrow(const v1::Record& record, std::int64_t offset) {
  model::Record out{.offset = model::Offset(offset), .timestamp = record.timestamp_ms()};
  if (record.has_key()) out.key = base::as_bytes(record.key());
  if (record.has_value()) out.value = base::as_bytes(record.value());
  for (const v1::Header& header : record.headers()) {
    model::RecordHeader& added = out.headers.emplace_back();
    added.key = header.key();
    if (header.has_value()) added.value = base::as_bytes(header.value());
  }
  return out;
}

std::string encoded(ConsumedMessage message) { return base::to_string(std::move(message).take()); }

TEST(ConsumedMessageTest, RandomRecordsAreEncodedAsTheLibraryWould) {
  runtime::Random random(21);
  for (int round = 0; round < 500; ++round) {
    v1::ConsumeResponse expected;
    ConsumedMessage message(v1::ConsumeResponse::kRecordsFieldNumber);
    std::int64_t offset = static_cast<std::int64_t>(random.below(3));
    for (std::uint64_t left = random.below(10); left > 0; --left, ++offset) {
      v1::ConsumedRecord& added = *expected.add_records();
      added.set_offset(offset);
      *added.mutable_record() = rpc_testing::random_record(random);
      message.add(borrow(added.record(), offset));
    }
    expected.set_high_watermark(offset);
    message.add_integer(v1::ConsumeResponse::kHighWatermarkFieldNumber, offset);
    EXPECT_EQ(message.record_count(), expected.records_size());
    EXPECT_EQ(message.size(), expected.ByteSizeLong());
    EXPECT_EQ(encoded(std::move(message)), expected.SerializeAsString());
  }
}

TEST(ConsumedMessageTest, LargeOffsetsAndLengthsFit) {
  v1::DumpSegmentResponse expected;
  expected.set_topic("orders");
  expected.set_partition_id(3);
  v1::ConsumedRecord& record = *expected.add_records();
  record.set_offset(INT64_MAX);
  record.mutable_record()->set_value(std::string(3u << 20, 'v'));
  record.mutable_record()->set_timestamp_ms(-1);
  ConsumedMessage message(v1::DumpSegmentResponse::kRecordsFieldNumber);
  message.add_text(v1::DumpSegmentResponse::kTopicFieldNumber, "orders");
  message.add_integer(v1::DumpSegmentResponse::kPartitionIdFieldNumber, 3);
  message.add(borrow(record.record(), INT64_MAX));
  EXPECT_EQ(encoded(std::move(message)), expected.SerializeAsString());
}

TEST(ConsumedMessageTest, HeaderKeysThatAreNoTextAreMadeReadable) {
  model::Record record;
  record.headers.push_back({.key = "\xff_ok"});
  record.headers.push_back({.key = "plain"});
  ConsumedMessage message(v1::ConsumeResponse::kRecordsFieldNumber);
  message.add(record);
  v1::ConsumeResponse parsed;
  ASSERT_TRUE(parsed.ParseFromString(encoded(std::move(message))));
  EXPECT_EQ(parsed.records(0).record().headers(0).key(), "\xef\xbf\xbd_ok");
  EXPECT_EQ(parsed.records(0).record().headers(1).key(), "plain");
}

TEST(ConsumedMessageTest, ContentIsKeyValueAndHeaders) {
  const std::string text = "12345";
  model::Record record{.key = base::as_bytes(text), .value = base::as_bytes(text)};
  record.headers.push_back({.key = "abc", .value = base::as_bytes(text)});
  record.headers.push_back({.key = "d"});
  EXPECT_EQ(content_size(record), 5u + 5 + 3 + 5 + 1);
  EXPECT_EQ(content_size({}), 0u);
}

}  // namespace
}  // namespace streamhouse::rpc
