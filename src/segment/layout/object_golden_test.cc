// Goal: the format of objects is the one of the documents, for ever: what version 1 wrote is read,
// and version 1 writers write it.
// Method: an object in the tree, made by version 1, is decoded against what is known of it, field
// by field at the documented places; the writer, given the same batches, must give the same bytes.
#include <gtest/gtest.h>

#include <fstream>

#include "base/crc32c.h"
#include "base/endian.h"
#include "segment/object_reader.h"
#include "tests/segment/example_object.h"

namespace streamhouse::segment {
namespace {

using base::load_little;
using testing::partition;

/// Three partitions of two topics; one span of three blocks; an idempotent batch among others. The
/// values are counted, not random, so that every compiler's library makes the same.
std::vector<SpanContent> golden_contents() {
  std::uint8_t next = 0;
  const auto batch = [&next](std::int64_t base, std::size_t size, model::BatchHeaderFields fields) {
    base::ByteVector value(size);
    for (std::uint8_t& byte : value) byte = next++;
    model::RecordBatchBuilder builder(fields);
    EXPECT_TRUE(builder.append({.timestamp = testing::kExampleTime + base,
                                .key = base::as_bytes("key"),
                                .value = base::BytesView(value)}));
    EXPECT_TRUE(builder.append({.timestamp = testing::kExampleTime, .value = {}}));
    auto bytes = std::move(builder).build(model::Codec::kNone);
    model::place_batch(*bytes, model::Offset(base), model::LeaderEpoch(3));
    return base::Bytes(*std::move(bytes));
  };
  const model::BatchHeaderFields idempotent{.producer = model::ProducerId(4000),
                                            .producer_epoch = model::ProducerEpoch(1),
                                            .base_sequence = 7};
  const model::LeaderEpoch epoch(3);
  return {{partition(7, 0), epoch, {batch(100, 10, {}), batch(102, 20, idempotent)}},
          {partition(7, 2), epoch, {batch(0, 65'536, {}), batch(2, 65'537, {}), batch(4, 5, {})}},
          {partition(9, 1), epoch, {batch(1'000'000'000'000, 300, {})}}};
}

base::ByteVector golden_bytes() {
  std::ifstream file(SH_GOLDEN_DIRECTORY "/object_v1.bin", std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  return base::to_vector(base::as_bytes(text));
}

TEST(ObjectGoldenTest, TheWriterWritesVersionOne) {
  EXPECT_TRUE(golden_bytes() ==
              testing::gathered(build_object(testing::example_header(), golden_contents())));
}

TEST(ObjectGoldenTest, HeaderAndTrailerHaveTheirFieldsInPlace) {
  const auto bytes = golden_bytes();
  ASSERT_EQ(bytes.size(), 132'128u);
  const base::BytesView all(bytes);
  EXPECT_EQ(base::as_text(all.first(8)), "SHOBJECT");
  EXPECT_EQ(load_little<std::uint32_t>(&all[8]), base::crc32c(all.subspan(12, 52)));
  EXPECT_EQ(load_little<std::uint16_t>(&all[12]), 1);
  EXPECT_EQ(all[14], 0);
  EXPECT_EQ(load_little<std::uint64_t>(&all[16]), testing::kExampleSession.value());
  EXPECT_EQ(load_little<std::int64_t>(&all[24]), 42);
  EXPECT_EQ(all[32], 0xc0);
  EXPECT_EQ(all[47], 0xcf);
  EXPECT_EQ(load_little<std::int64_t>(&all[48]), 40);
  const base::BytesView trailer = all.last(64);
  EXPECT_EQ(base::as_text(trailer.first(8)), "SHOBJEND");
  EXPECT_EQ(load_little<std::uint32_t>(&trailer[8]), base::crc32c(trailer.subspan(12)));
  EXPECT_TRUE(base::equal(trailer.subspan(12, 20), all.subspan(12, 20)));
  const auto footer_position = load_little<std::uint64_t>(&trailer[32]);
  const auto footer = all.subspan(footer_position, all.size() - 64 - footer_position);
  EXPECT_EQ(load_little<std::uint32_t>(&trailer[40]) + load_little<std::uint32_t>(&trailer[48]),
            footer.size());
  EXPECT_EQ(load_little<std::uint32_t>(&trailer[44]), 0u);
  EXPECT_EQ(load_little<std::uint32_t>(&trailer[52]), base::crc32c(footer));
  EXPECT_EQ(load_little<std::uint32_t>(&trailer[56]), base::crc32c(all.first(all.size() - 64)));
}

TEST(ObjectGoldenTest, SpansBlocksAndProducersAreThoseItWasMadeFrom) {
  const auto bytes = golden_bytes();
  const auto verified = verify_object(testing::example_key(), bytes);
  ASSERT_TRUE(verified.has_value()) << verified.error().text;
  const ObjectFooter& footer = verified->footer;
  ASSERT_EQ(footer.spans().size(), 3u);
  const Span& first = footer.spans()[0];
  EXPECT_EQ(first.position, kHeaderSize);
  EXPECT_EQ(first.partition, partition(7, 0));
  EXPECT_EQ(first.offsets, (model::OffsetRange{model::Offset(100), model::Offset(104)}));
  EXPECT_EQ(first.producers,
            (std::vector<ProducerBatch>{{.producer = model::ProducerId(4000),
                                         .epoch = model::ProducerEpoch(1),
                                         .first_sequence = 7,
                                         .last_sequence = 8,
                                         .offsets = {model::Offset(102), model::Offset(104)},
                                         .max_timestamp = testing::kExampleTime + 102}}));
  const auto blocks = footer.blocks_of(footer.spans()[1]);
  ASSERT_EQ(blocks.size(), 3u);
  EXPECT_EQ(blocks[2].offsets, (model::OffsetRange{model::Offset(4), model::Offset(6)}));
  EXPECT_EQ(blocks[2].max_timestamp, testing::kExampleTime + 4);
  EXPECT_EQ(footer.spans()[2].partition, partition(9, 1));
  EXPECT_EQ(footer.spans()[2].offsets.base, model::Offset(1'000'000'000'000));
  EXPECT_EQ(footer.spans()[2].epoch, model::LeaderEpoch(3));
}

}  // namespace
}  // namespace streamhouse::segment
