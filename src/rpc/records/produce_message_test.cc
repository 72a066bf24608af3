// Goal: what a client encodes as a produce request is what stands in the record batch; what is no
// such request is refused by name, at bounded cost.
// Method: random requests encoded by Protocol Buffers' own library, and bent ones by hand; the
// batch is read back with the reader that consumers use.
#include "rpc/records/produce_message.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "model/key_partition.h"
#include "model/record.h"
#include "tests/rpc/random_records.h"

namespace streamhouse::rpc {
namespace {

using base::Errc;
using rpc_testing::random_record;
using testing::HasSubstr;

constexpr runtime::WallMs kNow = 1'800'000'000'000;

v1::Record to_proto(const model::Record& record) {
  v1::Record out;
  if (record.key) out.set_key(base::to_string(*record.key));
  if (record.value) out.set_value(base::to_string(*record.value));
  for (const auto& header : record.headers) {
    v1::Header& added = *out.add_headers();
    added.set_key(std::string(header.key));
    if (header.value) added.set_value(base::to_string(*header.value));
  }
  out.set_timestamp_ms(record.timestamp);
  return out;
}

std::vector<v1::Record> records_of(const ProduceMessage& message) {
  const auto batch = model::validate_produced(*message.batch, {});
  EXPECT_TRUE(batch) << (batch ? "" : batch.error().text);
  std::vector<v1::Record> records;
  if (!batch) return records;
  EXPECT_TRUE(model::validate_records(*batch, 64u << 20));
  auto reader = model::RecordReader::open(*batch, 64u << 20);
  while (const auto record = *reader->next()) records.push_back(to_proto(*record));
  return records;
}

template <class Message>
base::Result<ProduceMessage> decode_batch(const Message& message) {
  const std::string bytes = message.SerializeAsString();
  return decode_produce_batch(base::as_bytes(bytes), kNow);
}

std::string refusal(const base::Result<ProduceMessage>& decoded, Errc code = Errc::kInvalid) {
  EXPECT_FALSE(decoded);
  if (decoded) return "";
  EXPECT_EQ(decoded.error().code, code);
  return decoded.error().text;
}

TEST(ProduceMessageTest, RandomBatchesHoldWhatWasSent) {
  runtime::Random random(11);
  for (int round = 0; round < 500; ++round) {
    v1::ProduceBatchRequest request;
    request.set_topic("orders");
    request.set_partition(static_cast<std::int32_t>(random.below(5)));
    for (std::uint64_t left = 1 + random.below(20); left > 0; --left) {
      *request.add_records() = random_record(random);
    }
    const auto decoded = decode_batch(request);
    ASSERT_TRUE(decoded) << decoded.error().text;
    EXPECT_EQ(decoded->topic, "orders");
    EXPECT_EQ(decoded->partition, model::PartitionIndex(request.partition()));
    EXPECT_EQ(decoded->record_count, request.records_size());
    const auto records = records_of(*decoded);
    ASSERT_EQ(records.size(), static_cast<std::size_t>(request.records_size()));
    for (int i = 0; i < request.records_size(); ++i) {
      v1::Record expected = request.records(i);
      if (expected.timestamp_ms() == 0) expected.set_timestamp_ms(kNow);
      EXPECT_EQ(records[static_cast<std::size_t>(i)].SerializeAsString(),
                expected.SerializeAsString());
    }
  }
}

TEST(ProduceMessageTest, OneRecordKeepsItsKeyHashAndTime) {
  v1::ProduceRequest request;
  request.set_topic("orders");
  request.mutable_record()->set_key("kafka");
  request.mutable_record()->set_timestamp_ms(7);
  const std::string bytes = request.SerializeAsString();
  const auto decoded = decode_produce(base::as_bytes(bytes), kNow);
  ASSERT_TRUE(decoded) << decoded.error().text;
  EXPECT_FALSE(decoded->partition);
  EXPECT_EQ(decoded->key_hash, model::murmur2(base::as_bytes("kafka")));
  EXPECT_EQ(decoded->timestamp_ms, 7);
}

TEST(ProduceMessageTest, RecordWithoutTimeGetsTheAgents) {
  v1::ProduceRequest request;
  request.set_topic("orders");
  request.mutable_record();
  request.set_partition(0);
  const std::string bytes = request.SerializeAsString();
  const auto decoded = decode_produce(base::as_bytes(bytes), kNow);
  ASSERT_TRUE(decoded) << decoded.error().text;
  EXPECT_EQ(decoded->timestamp_ms, kNow);
  EXPECT_EQ(decoded->partition, model::PartitionIndex(0));
  EXPECT_FALSE(decoded->key_hash);
  EXPECT_EQ(records_of(*decoded).front().timestamp_ms(), kNow);
}

TEST(ProduceMessageTest, BatchThatShrinksByATenthIsCompressedByLz4) {
  v1::ProduceBatchRequest request;
  request.add_records()->set_value(std::string(10'000, 'x'));
  const auto shrunk = decode_batch(request);
  ASSERT_TRUE(shrunk);
  EXPECT_LT(shrunk->batch->size(), 1'000u);
  EXPECT_EQ(model::RecordBatchView::front_of(*shrunk->batch)->codec(), model::Codec::kLz4);
  runtime::Random random(3);
  std::string noise(10'000, ' ');
  for (char& byte : noise) byte = static_cast<char>(random.next());
  request.mutable_records(0)->set_value(noise);
  const auto kept = decode_batch(request);
  ASSERT_TRUE(kept);
  EXPECT_EQ(model::RecordBatchView::front_of(*kept->batch)->codec(), model::Codec::kNone);
}

TEST(ProduceMessageTest, NothingToProduceIsRefused) {
  EXPECT_THAT(refusal(decode_batch(v1::ProduceBatchRequest())), HasSubstr("no record"));
  EXPECT_THAT(refusal(decode_produce({}, kNow)), HasSubstr("no record"));
}

TEST(ProduceMessageTest, SeveralRecordsInOneProduceAreRefused) {
  v1::ProduceBatchRequest request;
  request.add_records();
  request.add_records();
  const std::string bytes = request.SerializeAsString();
  EXPECT_THAT(refusal(decode_produce(base::as_bytes(bytes), kNow)), HasSubstr("one record"));
}

TEST(ProduceMessageTest, BadRecordIsNamed) {
  v1::ProduceBatchRequest request;
  request.add_records();
  request.add_records()->set_timestamp_ms(-5);
  EXPECT_THAT(refusal(decode_batch(request)), HasSubstr("record 1: timestamp_ms -5"));
  request.mutable_records(1)->clear_timestamp_ms();
  v1::Record& crowded = *request.add_records();
  for (std::size_t i = 0; i <= kHeadersPerRecordMax; ++i) crowded.add_headers();
  EXPECT_THAT(refusal(decode_batch(request)), HasSubstr("record 2: more than 10000 headers"));
  crowded.mutable_headers()->RemoveLast();
  EXPECT_TRUE(decode_batch(request));
}

TEST(ProduceMessageTest, TextThatIsNoUtf8IsRefused) {
  const std::string topic = "\x0a\x02\xc3\x28";  // field 1, two bytes
  EXPECT_THAT(refusal(decode_produce_batch(base::as_bytes(topic), kNow)),
              HasSubstr("topic is not UTF-8"));
  const std::string header = std::string("\x1a\x05\x1a\x03\x0a\x01\xff", 7);
  EXPECT_THAT(refusal(decode_produce_batch(base::as_bytes(header), kNow)),
              HasSubstr("record 0: header key is not UTF-8"));
}

TEST(ProduceMessageTest, FieldOfAnotherTypeIsRefused) {
  const std::string number_as_topic = "\x08\x01";
  EXPECT_THAT(refusal(decode_produce_batch(base::as_bytes(number_as_topic), kNow)),
              HasSubstr("topic has another wire type"));
  const std::string group = "\x1b";
  EXPECT_THAT(refusal(decode_produce_batch(base::as_bytes(group), kNow)), HasSubstr("wire type"));
}

TEST(ProduceMessageTest, UnknownFieldsArePassedOver) {
  v1::ProduceBatchRequest request;
  request.add_records()->set_value("v");
  std::string bytes = request.SerializeAsString();
  bytes += std::string("\xa0\x06\x01", 3);               // field 100, a number
  bytes += std::string("\xa9\x06\1\2\3\4\5\6\7\1", 10);  // field 101, eight bytes
  bytes += std::string("\xb5\x06\1\2\3\4", 6);           // field 102, four bytes
  bytes += std::string("\xba\x06\x02hi", 5);             // field 103, text
  const auto decoded = decode_produce_batch(base::as_bytes(bytes), kNow);
  ASSERT_TRUE(decoded) << decoded.error().text;
  EXPECT_EQ(records_of(*decoded).front().value(), "v");
}

TEST(ProduceMessageTest, EveryCutIsRefusedOrAShorterRequest) {
  runtime::Random random(5);
  google::protobuf::SetLogHandler(nullptr);  // it reports what is no UTF-8
  v1::ProduceBatchRequest request;
  request.set_topic("orders");
  for (int i = 0; i < 5; ++i) *request.add_records() = random_record(random);
  const std::string bytes = request.SerializeAsString();
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    const std::string cut = bytes.substr(0, size);
    const auto decoded = decode_produce_batch(base::as_bytes(cut), kNow);
    v1::ProduceBatchRequest expected;
    const bool parses = expected.ParseFromString(cut) && expected.records_size() > 0;
    EXPECT_EQ(decoded.has_value(), parses) << size;
    if (decoded) EXPECT_EQ(decoded->record_count, expected.records_size());
  }
}

TEST(StreamMessageTest, SequenceAndBatchAreCutApart) {
  v1::ProduceStreamRequest request;
  request.set_sequence(-3);
  request.mutable_batch()->set_topic("orders");
  request.mutable_batch()->add_records()->set_value("v");
  const std::string bytes = request.SerializeAsString();
  const auto decoded = decode_stream_message(base::as_bytes(bytes));
  ASSERT_TRUE(decoded);
  EXPECT_EQ(decoded->sequence, -3);
  EXPECT_EQ(base::to_string(decoded->batch), request.batch().SerializeAsString());
  EXPECT_FALSE(decode_stream_message(base::as_bytes(bytes.substr(0, bytes.size() - 1))));
}

}  // namespace
}  // namespace streamhouse::rpc
