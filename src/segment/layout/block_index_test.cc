// Goal: an index gives back the very blocks it was made of, and whatever its bytes say, blocks that
// tile their spans or an error.
// Method: seeded random cuts of random span tables round trip; every truncation and bit flip;
// broken rules one by one.
#include "segment/layout/block_index.h"

#include <gtest/gtest.h>

#include "tests/segment/packed_faults.h"
#include "tests/segment/random_table.h"

namespace streamhouse::segment {
namespace {

using testing::random_below;

/// Cuts every span into up to four blocks.
BlockIndex random_index(std::mt19937_64& random, const SpanTable& table) {
  BlockIndex index;
  for (const Span& span : table) {
    Block rest{.offsets = span.offsets, .position = span.position, .length = span.length};
    for (int cuts = static_cast<int>(random() % 4); cuts > 0; --cuts) {
      if (rest.offsets.size() == 1 || rest.length == 1) break;
      Block block = rest;
      block.offsets.next = block.offsets.base + 1 + random_below(random, rest.offsets.size() - 1);
      block.length = 1 + static_cast<std::uint32_t>(random_below(random, rest.length - 1));
      index.blocks.push_back(block);
      rest.offsets.base = block.offsets.next;
      rest.position += block.length;
      rest.length -= block.length;
    }
    index.blocks.push_back(rest);
    index.first.push_back(static_cast<std::uint32_t>(index.blocks.size()));
  }
  for (Block& block : index.blocks) {
    block.crc = static_cast<std::uint32_t>(random());
    block.max_timestamp = static_cast<std::int64_t>(random());
  }
  return index;
}

void expect_tiles(const SpanTable& table, const BlockIndex& index) {
  ASSERT_EQ(index.first.size(), table.size() + 1);
  for (std::size_t i = 0; i < table.size(); ++i) {
    model::Offset next = table[i].offsets.base;
    std::uint64_t position = table[i].position;
    for (std::size_t b = index.first[i]; b < index.first[i + 1]; ++b) {
      EXPECT_EQ(index.blocks[b].offsets.base, next);
      EXPECT_EQ(index.blocks[b].position, position);
      EXPECT_GT(index.blocks[b].length, 0u);
      EXPECT_LT(next, index.blocks[b].offsets.next);
      next = index.blocks[b].offsets.next;
      position += index.blocks[b].length;
    }
    EXPECT_EQ(next, table[i].offsets.next);
    EXPECT_EQ(position, table[i].position + table[i].length);
  }
}

TEST(BlockIndexTest, RandomIndexesRoundTrip) {
  std::mt19937_64 random(1);
  for (int round = 0; round < 200; ++round) {
    const SpanTable table = testing::random_table(random, random() % 20);
    const BlockIndex index = random_index(random, table);
    const auto decoded = decode_block_index(table, encode_block_index(table, index));
    ASSERT_TRUE(decoded.has_value()) << decoded.error().text;
    ASSERT_EQ(*decoded, index) << round;
  }
}

TEST(BlockIndexTest, ASpanOfOneBlockTakesSixBytes) {
  std::mt19937_64 random(2);
  SpanTable table = testing::random_table(random, 100);
  BlockIndex index;
  for (const Span& span : table) {
    index.blocks.push_back({.offsets = span.offsets,
                            .position = span.position,
                            .length = span.length,
                            .crc = 0xffffffff,
                            .max_timestamp = span.max_timestamp});
    index.first.push_back(static_cast<std::uint32_t>(index.blocks.size()));
  }
  EXPECT_EQ(encode_block_index(table, index).size(), kPackedChecksumSize + 6 * table.size());
}

TEST(BlockIndexTest, EveryTruncationIsRefused) {
  std::mt19937_64 random(3);
  const SpanTable table = testing::random_table(random, 10);
  const auto decode = [&table](base::BytesView bytes) { return decode_block_index(table, bytes); };
  testing::expect_truncations_refused(decode,
                                      encode_block_index(table, random_index(random, table)));
}

TEST(BlockIndexTest, EveryBitFlipIsRefusedOrLeavesBlocksThatTile) {
  std::mt19937_64 random(4);
  const SpanTable table = testing::random_table(random, 10);
  const auto decode = [&table](base::BytesView bytes) { return decode_block_index(table, bytes); };
  testing::expect_flips_refused(decode, encode_block_index(table, random_index(random, table)),
                                [&table](const BlockIndex& index) { expect_tiles(table, index); });
}

TEST(BlockIndexTest, BrokenRulesAreNamed) {
  const SpanTable table{{.partition = {model::TopicNo(1), model::PartitionIndex(0)},
                         .offsets = {model::Offset(5), model::Offset(15)},
                         .position = 64,
                         .length = 300,
                         .batch_count = 2}};
  const auto error_of = [&table](const std::vector<std::uint64_t>& varints) {
    return testing::decode_error(
        [&table](base::BytesView bytes) { return decode_block_index(table, bytes); },
        testing::packed(varints));
  };
  const std::uint64_t crc = 0;  // one byte of a block's checksum
  EXPECT_NE(error_of({0}).find("block count at byte 5 of 5 is zero"), std::string::npos);
  EXPECT_NE(error_of({2, 10, 80, 0, crc, crc, crc, crc}).find("block offsets"), std::string::npos);
  EXPECT_NE(error_of({2, 0, 80, 0, crc, crc, crc, crc}).find("block offsets"), std::string::npos);
  EXPECT_NE(error_of({2, 4, 300, 0, crc, crc, crc, crc}).find("block length"), std::string::npos);
  EXPECT_NE(error_of({2, 4, 0, 0, crc, crc, crc, crc}).find("block length"), std::string::npos);
  EXPECT_NE(error_of({1, 0, crc, crc, crc}).find("block checksum"), std::string::npos);
  EXPECT_NE(error_of({1, 0, crc, crc, crc, crc, 0}).find("followed by more"), std::string::npos);
  EXPECT_NE(error_of({~std::uint64_t{0}, 4, 80, 0, crc, crc, crc, crc}).find("cut short"),
            std::string::npos);
}

}  // namespace
}  // namespace streamhouse::segment
