// Goal: the reader under all packed decoders never reads past the end, tells the first thing that
// was wrong and where, and answers nothing after that.
// Method: hand-made values, read field by field in right and wrong ways.
#include "segment/packed/packed_reader.h"

#include <gtest/gtest.h>

#include "segment/packed/partition_step.h"
#include "segment/packed/runs.h"
#include "tests/segment/packed_faults.h"

namespace streamhouse::segment {
namespace {

using base::Errc;
using testing::packed;

constexpr std::uint64_t kMax = std::numeric_limits<std::uint64_t>::max();

TEST(PackedReaderTest, ReadsFieldsInOrder) {
  const auto bytes = packed({1, 300, kMax, base::zigzag(-7), 2, 8, 9});
  PackedReader reader("thing", bytes);
  reader.expect_version(1);
  EXPECT_EQ(reader.varint("a"), 300u);
  EXPECT_EQ(reader.varint("b"), kMax);
  EXPECT_EQ(reader.zigzag("c"), -7);
  EXPECT_EQ(reader.unsigned_as<std::uint8_t>("d"), 2);
  EXPECT_EQ(reader.position(), bytes.size() - 2);
  EXPECT_EQ(base::to_vector(reader.take(2, "e")), (base::ByteVector{8, 9}));
  reader.expect_end();
  EXPECT_TRUE(reader.ok());
}

TEST(PackedReaderTest, AWrongChecksumIsTheFirstFailure) {
  auto bytes = packed({1, 2});
  bytes[0] ^= 1;
  PackedReader reader("thing", bytes);
  EXPECT_EQ(reader.varint("a"), 0u);
  reader.fail("later", "is worse");
  EXPECT_EQ(reader.error().code, Errc::kCorrupt);
  EXPECT_EQ(reader.error().text, "thing: checksum at byte 4 of 6 does not match the content");
}

TEST(PackedReaderTest, AValueShorterThanItsChecksumIsCutShort) {
  for (std::size_t size = 0; size < kPackedChecksumSize; ++size) {
    const base::ByteVector bytes(size);
    EXPECT_EQ(PackedReader("thing", bytes).error().text,
              "thing: checksum at byte 0 of " + std::to_string(size) + " is cut short");
  }
}

TEST(PackedReaderTest, EachLimitIsInclusive) {
  const auto fails = [](std::uint64_t value, auto read) {
    const auto bytes = packed({value});
    PackedReader reader("thing", bytes);
    read(reader);
    return !reader.ok();
  };
  const auto up_to_100 = [](PackedReader& reader) { reader.varint("a", 100); };
  EXPECT_FALSE(fails(100, up_to_100));
  EXPECT_TRUE(fails(101, up_to_100));
  const auto up_to_1000 = [](PackedReader& reader) { reader.varint("a", 1000); };
  EXPECT_FALSE(fails(1000, up_to_1000));
  EXPECT_TRUE(fails(1001, up_to_1000));
  const auto positive_int16 = [](PackedReader& reader) { reader.unsigned_as<std::int16_t>("a"); };
  EXPECT_FALSE(fails(32767, positive_int16));
  EXPECT_TRUE(fails(32768, positive_int16));
  const auto two_bytes = [](PackedReader& reader) { reader.take(2, "a"); };
  EXPECT_FALSE(fails(128, two_bytes));
  EXPECT_TRUE(fails(127, two_bytes));
}

TEST(PackedReaderTest, AVarintOfElevenBytesIsRefused) {
  base::ByteVector bytes(kPackedChecksumSize);
  bytes.insert(bytes.end(), 10, 0x80);
  bytes.push_back(0);
  seal_packed(bytes);
  PackedReader reader("thing", bytes);
  EXPECT_EQ(reader.varint("a"), 0u);
  EXPECT_EQ(reader.error().text, "thing: a at byte 4 of 15 is cut short or longer than 64 bits");
}

TEST(PackedReaderTest, NothingIsReadAfterAFailure) {
  const auto bytes = packed({9, 7, 7, 7});
  PackedReader reader("thing", bytes);
  reader.expect_version(1);
  EXPECT_EQ(reader.error().code, Errc::kUnsupported);
  EXPECT_EQ(reader.varint("a"), 0u);
  EXPECT_EQ(reader.zigzag("b"), 0);
  EXPECT_TRUE(reader.take(1, "c").empty());
  EXPECT_EQ(reader.plausible(5, 1), 0u);
  reader.expect_end();
  EXPECT_EQ(reader.error().text, "thing: version at byte 5 of 8 9 is not known");
}

TEST(PackedReaderTest, NoMoreIsPlausibleThanTheBytesCanHold) {
  const auto bytes = packed({1, 2, 3, 4, 5, 6, 7});
  const PackedReader reader("thing", bytes);
  EXPECT_EQ(reader.plausible(kMax, 2), 3u);
  EXPECT_EQ(reader.plausible(2, 2), 2u);
  EXPECT_EQ(reader.plausible(kMax, 8), 0u);
}

TEST(PackedReaderTest, PartitionStepsLeadFromOnePartitionToTheNext) {
  const std::vector<model::TopicPartition> partitions{
      {model::TopicNo(1), model::PartitionIndex(0)},
      {model::TopicNo(1), model::PartitionIndex(0)},
      {model::TopicNo(1), model::PartitionIndex(2147483647)},
      {model::TopicNo(2), model::PartitionIndex(5)},
      {model::TopicNo(4294967295), model::PartitionIndex(2147483647)}};
  base::ByteVector bytes(kPackedChecksumSize);
  model::TopicPartition previous;
  for (const auto& partition : partitions) {
    append_partition_step(bytes, previous, partition);
    previous = partition;
  }
  seal_packed(bytes);
  PackedReader reader("steps", bytes);
  previous = {};
  for (const auto& partition : partitions)
    EXPECT_EQ(previous = read_partition_step(reader, previous), partition);
  reader.expect_end();
  EXPECT_TRUE(reader.ok()) << reader.error().text;
}

TEST(PackedReaderTest, PartitionStepsBeyondTheNumbersAreRefused) {
  const model::TopicPartition last{model::TopicNo(4294967295), model::PartitionIndex(2147483647)};
  for (const auto& varints : std::vector<std::vector<std::uint64_t>>{
           {2}, {3, 0}, {1, 0}, {3, std::uint64_t{1} << 31}, {std::uint64_t{1} << 33}}) {
    const auto bytes = packed(varints);
    PackedReader reader("steps", bytes);
    EXPECT_EQ(read_partition_step(reader, last), last);
    EXPECT_FALSE(reader.ok());
  }
}

TEST(PackedReaderTest, RunsCoverTheirItemsExactly) {
  const std::vector<std::uint64_t> values{5, 5, 5, 0, kMax, kMax, 7};
  base::ByteVector bytes(kPackedChecksumSize);
  append_runs(bytes, values, [](std::uint64_t value) { return value; });
  seal_packed(bytes);
  std::vector<std::uint64_t> read(values.size());
  const auto assign = [](std::uint64_t& item, std::uint64_t value) { item = value; };
  PackedReader reader("runs", bytes);
  read_runs(reader, "run", kMax, read, assign);
  reader.expect_end();
  ASSERT_TRUE(reader.ok()) << reader.error().text;
  EXPECT_EQ(read, values);
  for (const auto& varints :
       std::vector<std::vector<std::uint64_t>>{{8, 1}, {0, 1}, {6, 1}, {6, 1, 2, 1}, {7}}) {
    const auto wrong = packed(varints);
    PackedReader refused("runs", wrong);
    read_runs(refused, "run", kMax, read, assign);
    EXPECT_FALSE(refused.ok());
  }
}

}  // namespace
}  // namespace streamhouse::segment
