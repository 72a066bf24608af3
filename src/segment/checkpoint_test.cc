// Goal: the state of partitions between leaders survives packing, snapshots untouched, and damaged
// bytes give an error that says where.
// Method: as producer_state_test.cc.
#include "segment/checkpoint.h"

#include <gtest/gtest.h>

#include "segment/producer_state.h"
#include "tests/segment/packed_faults.h"
#include "tests/segment/random_table.h"

namespace streamhouse::segment {
namespace {

using base::Errc;
using testing::packed;

base::Bytes random_bytes(std::mt19937_64& random, std::size_t size) {
  base::ByteVector bytes(size);
  for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(random());
  return base::Bytes(std::move(bytes));
}

/// Of the partitions of a random span table, half of them with a producer snapshot.
CheckpointTable random_checkpoint(std::mt19937_64& random, std::size_t count) {
  CheckpointTable table;
  for (const Span& span : testing::random_table(random, count)) {
    if (!table.empty() && table.back().partition == span.partition) continue;
    table.push_back({.partition = span.partition,
                     .epoch = span.epoch,
                     .high_watermark = span.offsets.next,
                     .log_start = span.offsets.base});
    if (random() % 2 == 0) table.back().producers = random_bytes(random, random() % 200);
  }
  return table;
}

TEST(CheckpointTest, RandomTablesRoundTrip) {
  std::mt19937_64 random(1);
  for (int round = 0; round < 300; ++round) {
    const CheckpointTable table = random_checkpoint(random, random() % 40);
    const auto decoded = decode_checkpoint(encode_checkpoint(table));
    ASSERT_TRUE(decoded.has_value()) << decoded.error().text;
    ASSERT_EQ(*decoded, table) << "round " << round;
  }
}

TEST(CheckpointTest, SnapshotsOutliveTheBytesTheyWereReadFrom) {
  std::mt19937_64 random(2);
  const CheckpointTable table = random_checkpoint(random, 40);
  base::ByteVector bytes = encode_checkpoint(table);
  const auto decoded = decode_checkpoint(bytes);
  std::ranges::fill(bytes, 0);
  ASSERT_TRUE(decoded.has_value());
  EXPECT_EQ(*decoded, table);
}

TEST(CheckpointTest, APartitionWithoutProducersTakesAtMostTenBytes) {
  CheckpointTable table;
  for (int i = 0; i < 1000; ++i)
    table.push_back({.partition = {model::TopicNo(3), model::PartitionIndex(i)},
                     .epoch = model::LeaderEpoch(4),
                     .high_watermark = model::Offset(2'000'000),
                     .log_start = model::Offset(1'000'000)});
  EXPECT_LE(encode_checkpoint(table).size(), 10'000u);
}

TEST(CheckpointTest, EveryTruncationIsRefused) {
  std::mt19937_64 random(3);
  testing::expect_truncations_refused(decode_checkpoint,
                                      encode_checkpoint(random_checkpoint(random, 20)));
}

TEST(CheckpointTest, EveryBitFlipIsRefusedOrLeavesATableThatKeepsItsRules) {
  std::mt19937_64 random(4);
  const auto expect_valid = [](const CheckpointTable& table) {
    const PartitionCheckpoint* previous = nullptr;
    for (const PartitionCheckpoint& entry : table) {
      EXPECT_EQ(checkpoint_fault(previous, entry), "");
      previous = &entry;
    }
  };
  testing::expect_flips_refused(decode_checkpoint, encode_checkpoint(random_checkpoint(random, 12)),
                                expect_valid);
}

TEST(CheckpointTest, BrokenRulesAreNamed) {
  const auto error_of = [](const std::vector<std::uint64_t>& varints, Errc code = Errc::kCorrupt) {
    return testing::decode_error(decode_checkpoint, packed(varints), code);
  };
  EXPECT_NE(error_of({9}, Errc::kUnsupported).find("version"), std::string::npos);
  EXPECT_NE(error_of({}).find("version"), std::string::npos);
  EXPECT_NE(error_of({1, 1, 0, 1, 0, 0, 0}).find("names no partition"), std::string::npos);
  EXPECT_NE(error_of({1, 2, 3, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0}).find("not sorted"),
            std::string::npos);
  EXPECT_NE(error_of({1, 1, 3, 0, 1, 0, 0, 1}).find("producer snapshot"), std::string::npos);
  EXPECT_NE(error_of({1, 1, 3, 0, 1, 0, std::uint64_t{1} << 63, 0}).find("log start"),
            std::string::npos);
  EXPECT_NE(error_of({1, 0, 0}).find("followed by more"), std::string::npos);
  EXPECT_NE(error_of({1, ~std::uint64_t{0}, 3, 0, 1, 0, 0, 0}).find("cut short"),
            std::string::npos);
}

}  // namespace
}  // namespace streamhouse::segment
