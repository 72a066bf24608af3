// Goal: batches of the clients in the field read as what those clients were given, byte for byte,
// for every codec and framing; and our own builder writes what they write.
// Method: batches captured from librdkafka and from the Java client (tests/golden/capture_*), which
// were given the records below.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "model/record_batch_builder.h"

namespace streamhouse::model {
namespace {

using base::as_bytes;
using base::BytesView;
using base::ByteVector;

constexpr std::size_t kDecompressedMax = std::size_t{1} << 20;
constexpr std::string_view kBinary("\x00\x01\xfe\xff", 4);

ByteVector read_golden(const std::string& name) {
  std::ifstream file(std::filesystem::path(SH_GOLDEN_DIRECTORY) / ("record_batch_" + name + ".bin"),
                     std::ios::binary);
  EXPECT_TRUE(file.is_open()) << name;
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

const std::string kLongValue = std::string(300, 'a') + "end";

/// The records that the capture programs send.
std::vector<Record> golden_records() {
  const auto bytes = [](std::string_view text) { return std::optional(as_bytes(text)); };
  return {
      {.offset = Offset(0),
       .timestamp = 1700000000000,
       .key = bytes("user-1"),
       .value = bytes(kLongValue),
       .headers = {{"trace", bytes("abc")}, {"empty", bytes("")}}},
      {.offset = Offset(1), .timestamp = 1700000000001, .value = bytes("a value without a key")},
      {.offset = Offset(2),
       .timestamp = 1700000000005,
       .key = bytes("tombstone"),
       .headers = {{"null", std::nullopt}}},
      {.offset = Offset(3),
       .timestamp = 1700000000003,
       .key = bytes(""),
       .value = bytes(""),
       .headers = {{"twice", bytes("1")}, {"twice", bytes("2")}}},
      {.offset = Offset(4),
       .timestamp = 1700000000500,
       .key = bytes("binary"),
       .value = bytes(kBinary)},
  };
}

struct Golden {
  const char* name;
  Codec codec;
};
constexpr Golden kGoldens[] = {
    {"none", Codec::kNone},      {"gzip", Codec::kGzip},          {"snappy", Codec::kSnappy},
    {"lz4", Codec::kLz4},        {"zstd", Codec::kZstd},          {"idempotent", Codec::kLz4},
    {"java_gzip", Codec::kGzip}, {"java_snappy", Codec::kSnappy}, {"java_lz4", Codec::kLz4},
    {"java_zstd", Codec::kZstd},
};

class GoldenBatchTest : public ::testing::TestWithParam<Golden> {};

TEST_P(GoldenBatchTest, ReadsAsTheClientMeantIt) {
  const ByteVector bytes = read_golden(GetParam().name);
  const auto batch = validate_produced(bytes, {});
  ASSERT_TRUE(batch.has_value()) << batch.error().text;
  EXPECT_EQ(batch->codec(), GetParam().codec);
  EXPECT_EQ(batch->record_count(), 5);
  EXPECT_EQ(batch->base_timestamp(), 1700000000000);
  EXPECT_EQ(batch->max_timestamp(), 1700000000500);
  EXPECT_EQ(batch->timestamp_type(), TimestampType::kCreateTime);
  const auto valid = validate_records(*batch, kDecompressedMax);
  ASSERT_TRUE(valid.has_value()) << valid.error().text;

  auto reader = RecordReader::open(*batch, kDecompressedMax).value();
  for (const auto& expected : golden_records()) {
    const auto record = reader.next().value();
    ASSERT_TRUE(record.has_value());
    EXPECT_EQ(*record, expected) << "offset " << expected.offset;
  }
  EXPECT_FALSE(reader.next().value().has_value());
}

TEST_P(GoldenBatchTest, HoldsTheBytesThatOurBuilderWrites) {
  const ByteVector bytes = read_golden(GetParam().name);
  const auto batch = RecordBatchView::front_of(bytes).value();
  RecordBatchBuilder builder;
  for (const auto& record : golden_records()) ASSERT_TRUE(builder.append(record));
  const ByteVector built = std::move(builder).build(Codec::kNone).value();
  const auto records = decompress(batch.codec(), batch.records(), kDecompressedMax).value();
  EXPECT_TRUE(base::equal(records, BytesView(built).subspan(kBatchHeaderSize)));
  if (batch.codec() == Codec::kNone) {  // then all but the leader epoch is the same
    EXPECT_TRUE(base::equal(BytesView(bytes).subspan(batch_layout::kMagic),
                            BytesView(built).subspan(batch_layout::kMagic)));
  }
}

INSTANTIATE_TEST_SUITE_P(Clients, GoldenBatchTest, ::testing::ValuesIn(kGoldens),
                         [](const auto& golden) { return std::string(golden.param.name); });

TEST(GoldenProducerTest, OnlyTheIdempotentProducerNamesItself) {
  const ByteVector plain_bytes = read_golden("lz4");
  const auto plain = RecordBatchView::front_of(plain_bytes).value();
  EXPECT_FALSE(plain.is_idempotent());
  EXPECT_EQ(plain.producer_id(), kNoProducer);
  EXPECT_EQ(plain.base_sequence(), kNoSequence);

  const ByteVector bytes = read_golden("idempotent");
  const auto batch = RecordBatchView::front_of(bytes).value();
  EXPECT_TRUE(batch.is_idempotent());
  EXPECT_EQ(batch.producer_epoch(), ProducerEpoch(0));
  EXPECT_EQ(batch.base_sequence(), 0);
  EXPECT_EQ(batch.last_sequence(), 4);
}

TEST(GoldenSnappyTest, ClientsUseBothFramings) {
  const auto starts_with_magic = [](const char* name) {
    const ByteVector bytes = read_golden(name);
    const auto records = RecordBatchView::front_of(bytes).value().records();
    return base::as_text(records).starts_with(std::string_view("\x82SNAPPY\0", 8));
  };
  EXPECT_FALSE(starts_with_magic("snappy"));
  EXPECT_TRUE(starts_with_magic("java_snappy"));
  EXPECT_TRUE(starts_with_magic("java_snappy_chunks"));
}

TEST(GoldenSnappyTest, ReadsSeveralChunks) {
  const ByteVector bytes = read_golden("java_snappy_chunks");
  const auto batch = validate_produced(bytes, {}).value();
  auto reader = RecordReader::open(batch, kDecompressedMax).value();
  const auto record = reader.next().value();
  ASSERT_TRUE(record.has_value());
  EXPECT_EQ(base::as_text(record->value.value()), std::string(80000, 'a'));
  EXPECT_FALSE(reader.next().value().has_value());
}

}  // namespace
}  // namespace streamhouse::model
