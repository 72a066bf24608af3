// Goal: what is built is what a well-behaved producer would send, whatever the records, and LZ4 is
// chosen exactly where it pays.
// Method: random records from a seed through builder, validator and reader; content on both sides
// of the tenth that compression must save; sizes up to a topic's default limit.
#include "model/record_batch_builder.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <random>

namespace streamhouse::model {
namespace {

using base::as_bytes;
using base::BytesView;
using base::ByteVector;
using base::Errc;

constexpr std::size_t kDecompressedMax = std::size_t{16} << 20;

std::string random_text(std::mt19937& random, std::size_t size_max) {
  std::string text(random() % (size_max + 1), '\0');
  for (auto& c : text) c = static_cast<char>(random());
  return text;
}

/// Owns the bytes that its records borrow.
class RandomRecords {
 public:
  RandomRecords(unsigned seed, int count) : random_(seed) {
    for (int i = 0; i < count; ++i) records_.push_back(make(i));
  }
  const std::vector<Record>& records() const { return records_; }

 private:
  Record make(int index) {
    Record record = {.offset = Offset(index),
                     .timestamp = static_cast<std::int64_t>(random_()) - (1 << 20)};
    record.key = maybe_bytes(20);
    record.value = maybe_bytes(200);
    for (auto left = random_() % 4; left > 0; --left)
      record.headers.push_back({base::as_text(keep(10)), maybe_bytes(10)});
    return record;
  }
  std::optional<BytesView> maybe_bytes(std::size_t size_max) {
    if (random_() % 4 == 0) return std::nullopt;
    return keep(size_max);
  }
  BytesView keep(std::size_t size_max) {
    kept_.push_back(std::make_unique<std::string>(random_text(random_, size_max)));
    return as_bytes(*kept_.back());
  }

  std::mt19937 random_;
  std::vector<std::unique_ptr<std::string>> kept_;
  std::vector<Record> records_;
};

RecordBatchBuilder builder_of(const std::vector<Record>& records) {
  RecordBatchBuilder builder;
  for (const auto& record : records) EXPECT_TRUE(builder.append(record));
  return builder;
}

TEST(RecordBatchBuilderTest, RandomRecordsComeBackFromValidBatches) {
  for (unsigned seed = 0; seed < 50; ++seed) {
    const RandomRecords random(seed, 1 + static_cast<int>(seed) * 3);
    const auto codec = static_cast<Codec>(seed % 5);
    const ByteVector bytes = builder_of(random.records()).build(codec).value();
    const auto batch = validate_produced(bytes, {});
    ASSERT_TRUE(batch.has_value()) << seed << batch.error().text;
    EXPECT_EQ(batch->codec(), codec);
    const auto valid = validate_records(*batch, kDecompressedMax);
    ASSERT_TRUE(valid.has_value()) << seed << valid.error().text;

    auto reader = RecordReader::open(*batch, kDecompressedMax).value();
    std::int64_t time_max = std::numeric_limits<std::int64_t>::min();
    for (const auto& expected : random.records()) {
      ASSERT_EQ(reader.next().value(), expected) << seed;
      time_max = std::max(time_max, expected.timestamp);
    }
    EXPECT_EQ(batch->max_timestamp(), time_max);
    EXPECT_EQ(batch->base_timestamp(), random.records().front().timestamp);
  }
}

TEST(RecordBatchBuilderTest, KnowsTheSizeOfTheUncompressedBatch) {
  const RandomRecords random(7, 40);
  RecordBatchBuilder builder = builder_of(random.records());
  EXPECT_EQ(builder.record_count(), 40);
  const std::size_t size = builder.size();
  EXPECT_EQ(std::move(builder).build(Codec::kNone).value().size(), size);
}

TEST(RecordBatchBuilderTest, WritesTheProducersFields) {
  RecordBatchBuilder builder({.producer = ProducerId(1234567890123),
                              .producer_epoch = ProducerEpoch(5),
                              .base_sequence = 99,
                              .flags = batch_layout::kTransactionalBit});
  ASSERT_TRUE(builder.append({.timestamp = 1, .value = as_bytes("v")}));
  const ByteVector bytes = std::move(builder).build(Codec::kSnappy).value();
  const auto batch = validate_produced(bytes, {}).value();
  EXPECT_EQ(batch.producer_id(), ProducerId(1234567890123));
  EXPECT_EQ(batch.producer_epoch(), ProducerEpoch(5));
  EXPECT_EQ(batch.base_sequence(), 99);
  EXPECT_TRUE(batch.is_transactional());
  EXPECT_EQ(batch.codec(), Codec::kSnappy);
}

TEST(RecordBatchBuilderTest, BuildsPlainBatchesWithoutAProducer) {
  RecordBatchBuilder builder;
  ASSERT_TRUE(builder.append({.timestamp = 1}));
  const ByteVector bytes = std::move(builder).build(Codec::kNone).value();
  const auto batch = validate_produced(bytes, {}).value();
  EXPECT_FALSE(batch.is_idempotent());
  EXPECT_EQ(batch.producer_id(), kNoProducer);
  EXPECT_EQ(batch.base_sequence(), kNoSequence);
  EXPECT_EQ(batch.leader_epoch(), LeaderEpoch(-1));
}

TEST(RecordBatchBuilderTest, RefusesATimeTooFarFromTheFirst) {
  RecordBatchBuilder builder;
  ASSERT_TRUE(builder.append({.timestamp = std::numeric_limits<std::int64_t>::min()}));
  const auto status = builder.append({.timestamp = 0});
  ASSERT_FALSE(status.has_value());
  EXPECT_EQ(status.error().code, Errc::kInvalid);
  EXPECT_EQ(builder.record_count(), 1);
  ASSERT_TRUE(builder.append({.timestamp = -1}));
  const ByteVector bytes = std::move(builder).build(Codec::kNone).value();
  EXPECT_TRUE(validate_records(validate_produced(bytes, {}).value(), 0).has_value());
}

TEST(RecordBatchBuilderTest, RefusesToPassTwoGibibytes) {
  // The bytes lie nowhere twice: one buffer, borrowed by all headers of one record.
  const std::string large(std::size_t{16} << 20, 'x');
  RecordBatchBuilder builder;
  Record record = {.timestamp = 1};
  for (int i = 0; i < 128; ++i) record.headers.push_back({"h", as_bytes(large)});
  const auto status = builder.append(record);
  ASSERT_FALSE(status.has_value());
  EXPECT_EQ(status.error().code, Errc::kTooLarge);
  EXPECT_EQ(builder.record_count(), 0);
  EXPECT_EQ(builder.size(), kBatchHeaderSize);
}

TEST(RecordBatchBuilderTest, BatchesOfTheLargestSizePassAndOneByteMoreDoesNot) {
  constexpr std::size_t kNearly = 1000000;  // its lengths take as many bytes as the limit's
  const std::string nearly(kNearly, 'x');
  RecordBatchBuilder sample;
  ASSERT_TRUE(sample.append({.value = as_bytes(nearly)}));
  const std::size_t overhead = sample.size() - kNearly;
  for (const std::size_t extra : {0u, 1u}) {
    const std::string value(kBatchBytesMaxDefault - overhead + extra, 'x');
    RecordBatchBuilder builder;
    ASSERT_TRUE(builder.append({.value = as_bytes(value)}));
    const ByteVector bytes = std::move(builder).build(Codec::kNone).value();
    ASSERT_EQ(bytes.size(), kBatchBytesMaxDefault + extra);
    const auto batch = validate_produced(bytes, {});
    EXPECT_EQ(batch.has_value(), extra == 0);
  }
}

/// A batch with `noise_size` bytes that do not compress, and zeros to 10,000.
RecordBatchBuilder partly_noise(std::size_t noise_size) {
  std::mt19937 random(3);
  std::string value(10000, '\0');
  for (std::size_t i = 0; i < noise_size; ++i) value[i] = static_cast<char>(random());
  RecordBatchBuilder builder;
  EXPECT_TRUE(builder.append({.value = as_bytes(value)}));
  return builder;
}

TEST(BuildSmallestTest, CompressesExactlyWhereItSavesATenth) {
  int compressed_count = 0;
  for (std::size_t noise_size = 8500; noise_size <= 9500; noise_size += 10) {
    const ByteVector plain = partly_noise(noise_size).build(Codec::kNone).value();
    const ByteVector lz4 = partly_noise(noise_size).build(Codec::kLz4).value();
    const ByteVector smallest = partly_noise(noise_size).build_smallest().value();
    const bool pays = static_cast<double>(lz4.size()) <= 0.9 * static_cast<double>(plain.size());
    EXPECT_EQ(smallest, pays ? lz4 : plain) << noise_size;
    compressed_count += pays ? 1 : 0;
  }
  EXPECT_GT(compressed_count, 0);
  EXPECT_LT(compressed_count, 101);
}

TEST(RecordBatchBuilderTest, TakesHardlyMoreMemoryThanTheBatch) {
  const std::string value(1000, 'x');
  for (const Codec codec : {Codec::kNone, Codec::kGzip, Codec::kSnappy, Codec::kLz4, Codec::kZstd})
    for (const int count : {1, 33, 1000}) {
      RecordBatchBuilder builder;
      for (int i = 0; i < count; ++i) ASSERT_TRUE(builder.append({.value = as_bytes(value)}));
      const ByteVector bytes = std::move(builder).build(codec).value();
      EXPECT_LE(bytes.capacity(), bytes.size() * 9 / 8) << codec_name(codec) << count;
    }
}

TEST(RecordBatchBuilderTest, ReservingChangesNothing) {
  const RandomRecords random(5, 30);
  RecordBatchBuilder reserving;
  reserving.reserve(100000);
  for (const auto& record : random.records()) ASSERT_TRUE(reserving.append(record));
  EXPECT_EQ(std::move(reserving).build(Codec::kNone).value(),
            builder_of(random.records()).build(Codec::kNone).value());
}

TEST(BuildSmallestTest, LeavesALoneShortRecordAlone) {
  RecordBatchBuilder builder;
  ASSERT_TRUE(builder.append({.value = as_bytes("short")}));
  const ByteVector bytes = std::move(builder).build_smallest().value();
  EXPECT_EQ(validate_produced(bytes, {}).value().codec(), Codec::kNone);
}

}  // namespace
}  // namespace streamhouse::model
