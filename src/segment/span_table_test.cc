// Goal: a span table survives packing, stays small, and no input can make its decoder crash, take
// memory beyond the input's share, or answer wrong spans.
// Method: seeded random tables round trip; every truncation and every bit flip is refused;
// hand-made faults behind a valid checksum are refused with their place.
#include <gtest/gtest.h>

#include <random>

#include "base/varint.h"
#include "segment/span.h"
#include "tests/segment/packed_faults.h"
#include "tests/segment/random_table.h"

namespace streamhouse::segment {
namespace {

using base::Errc;
using testing::decode_error;
using testing::packed;
using testing::random_table;

/// 625 neighbours of a few topics, one small batch each, in one 250 ms flush: 10,000 partitions at
/// one record a second, led by four agents for 24 days.
SpanTable flush_of_625_partitions(std::mt19937_64& random) {
  SpanTable table;
  for (int i = 0; i < 625; ++i) {
    Span& span = table.emplace_back();
    span.partition = {model::TopicNo(1000 + static_cast<std::uint32_t>(i) / 25),
                      model::PartitionIndex((i % 25) * 4 + static_cast<int>(random() % 4))};
    span.epoch = model::LeaderEpoch(1 + static_cast<int>(random() % 3));
    span.offsets.base = model::Offset(static_cast<std::int64_t>(random() % 2'100'000));
    span.offsets.next = span.offsets.base + 1;
    span.length = 150 + static_cast<std::uint32_t>(random() % 100);
    span.batch_count = 1;
    span.max_timestamp = 1'790'000'000'000 + static_cast<std::int64_t>(random() % 250);
  }
  place_spans(table, 64);
  return table;
}

std::string error_of(base::BytesView bytes, Errc code = Errc::kCorrupt) {
  return decode_error(decode_span_table, bytes, code);
}

TEST(SpanTableTest, RandomTablesRoundTrip) {
  std::mt19937_64 random(1);
  for (int round = 0; round < 500; ++round) {
    const SpanTable table = random_table(random, random() % 40);
    const auto decoded = decode_span_table(encode_span_table(table));
    ASSERT_TRUE(decoded.has_value()) << decoded.error().text;
    ASSERT_EQ(*decoded, table) << "round " << round;
  }
}

TEST(SpanTableTest, ExtremeValuesRoundTrip) {
  constexpr auto kMax = std::numeric_limits<std::int64_t>::max();
  constexpr auto kMin = std::numeric_limits<std::int64_t>::min();
  Span first{.partition = {model::TopicNo(1), model::PartitionIndex(0)},
             .epoch = model::LeaderEpoch(std::numeric_limits<std::int32_t>::max()),
             .offsets = {model::Offset(0), model::Offset(kMax)},
             .length = std::numeric_limits<std::uint32_t>::max(),
             .batch_count = std::numeric_limits<std::uint32_t>::max(),
             .max_timestamp = kMin,
             .flags = 255};
  first.producers.push_back({.producer = model::ProducerId(kMax),
                             .epoch = model::ProducerEpoch(32767),
                             .first_sequence = 2147483647,
                             .last_sequence = 0,
                             .offsets = {model::Offset(5), model::Offset(kMax)},
                             .max_timestamp = kMax});
  Span last = first;
  last.partition = {model::TopicNo(4294967295), model::PartitionIndex(2147483647)};
  last.max_timestamp = kMax;
  last.producers[0].max_timestamp = kMin;
  SpanTable table{first, last};
  place_spans(table, 0);
  const auto decoded = decode_span_table(encode_span_table(table));
  ASSERT_TRUE(decoded.has_value()) << decoded.error().text;
  EXPECT_EQ(*decoded, table);
}

TEST(SpanTableTest, TakesAtMostTenBytesASpanInARealisticFlush) {
  std::mt19937_64 random(2);
  const SpanTable table = flush_of_625_partitions(random);
  const double bytes_per_span =
      static_cast<double>(encode_span_table(table).size()) / static_cast<double>(table.size());
  RecordProperty("bytes_per_span", std::to_string(bytes_per_span));
  EXPECT_LE(bytes_per_span, 10.0);
}

TEST(SpanTableTest, BeginsWithTheFlatSequenceThatSqlUnpacks) {
  SpanTable table{{.partition = {model::TopicNo(7), model::PartitionIndex(3)},
                   .epoch = model::LeaderEpoch(2),
                   .offsets = {model::Offset(1000), model::Offset(1010)},
                   .length = 300,
                   .batch_count = 1,
                   .max_timestamp = 50},
                  {.partition = {model::TopicNo(7), model::PartitionIndex(5)},
                   .epoch = model::LeaderEpoch(2),
                   .offsets = {model::Offset(0), model::Offset(1)},
                   .length = 80,
                   .batch_count = 1,
                   .max_timestamp = 40}};
  place_spans(table, 64);
  EXPECT_EQ(encode_span_table(table), packed({1,          2,
                                              64,         base::zigzag(40),  //
                                              7 << 1 | 1, 3,
                                              1000,       10,
                                              300,        (5 - 3) << 1,
                                              0,          1,
                                              80,         10,
                                              0,              // timestamps
                                              2,          2,  // leader epochs
                                              2,          1,  // batch counts
                                              2,          0,  // flags
                                              2,          0}));
}

TEST(SpanTableTest, EveryTruncationIsRefused) {
  std::mt19937_64 random(3);
  testing::expect_truncations_refused(decode_span_table,
                                      encode_span_table(random_table(random, 20)));
}

TEST(SpanTableTest, EveryBitFlipIsRefusedOrLeavesATableThatKeepsItsRules) {
  std::mt19937_64 random(5);
  const auto expect_valid = [](const SpanTable& table) {
    const Span* previous = nullptr;
    for (const Span& span : table) {
      EXPECT_EQ(span_fault(previous, span), "");
      previous = &span;
    }
  };
  testing::expect_flips_refused(decode_span_table, encode_span_table(random_table(random, 10)),
                                expect_valid);
}

TEST(SpanTableTest, AHugeSpanCountIsRefusedWithoutItsMemory) {
  EXPECT_EQ(error_of(packed({1, ~std::uint64_t{0}, 64, 0, 3, 0, 0, 1, 1})),
            "span table: place at byte 22 of 22 is cut short or longer than 64 bits");
}

TEST(SpanTableTest, ALaterVersionIsUnsupported) {
  EXPECT_EQ(error_of(packed({2, 0, 0, 0}), Errc::kUnsupported),
            "span table: version at byte 5 of 8 2 is not known");
}

TEST(SpanTableTest, BrokenRulesAreNamed) {
  const std::vector<std::uint64_t> tail{0, 0, 2, 1, 2, 1, 2, 0, 2, 0};  // two spans' columns
  const auto error_with = [&tail](std::vector<std::uint64_t> places) {
    places.insert(places.begin(), {1, 2, 64, 0});
    places.insert(places.end(), tail.begin(), tail.end());
    return error_of(packed(places));
  };
  constexpr std::uint64_t kMax = std::numeric_limits<std::int64_t>::max();
  EXPECT_NE(error_with({3, 0, 10, 5, 80, 0, 14, 1, 80}).find("overlap"), std::string::npos);
  EXPECT_NE(error_with({3, 0, 10, 5, 80, 2, 14, 0, 80}).find("no range"), std::string::npos);
  EXPECT_NE(error_with({3, 0, 10, 5, 0, 2, 14, 1, 80}).find("no bytes"), std::string::npos);
  EXPECT_NE(error_with({0, 10, 5, 80, 2, 14, 1, 80}).find("names no partition"), std::string::npos);
  EXPECT_NE(error_with({3, 0, 10, 5, 80, 1, 0, 14, 1, 80}).find("names no partition"),
            std::string::npos);
  EXPECT_NE(error_with({3, 0, kMax, 1, 80, 2, 14, 1, 80}).find("offset count"), std::string::npos);
  EXPECT_NE(error_with({3, 0, kMax + 1, 1, 80, 2, 14, 1, 80}).find("base offset"),
            std::string::npos);
  EXPECT_NE(error_with({3, 0, 10, 5, 1ull << 32, 2, 14, 1, 80}).find("length"), std::string::npos);
}

TEST(SpanTableTest, BytesAfterTheTableAreRefused) {
  EXPECT_EQ(error_of(packed({1, 0, 0, 0, 9})),
            "span table: end at byte 8 of 9 is followed by more bytes");
}

}  // namespace
}  // namespace streamhouse::segment
