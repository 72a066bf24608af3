// Goal: each rule of a span table is a rule: a table that breaks one is told so, one that does not
// passes.
// Method: one valid pair of spans, changed in one way at a time.
#include "segment/span.h"

#include <gtest/gtest.h>

#include <functional>

#include "tests/segment/random_table.h"

namespace streamhouse::segment {
namespace {

constexpr std::int64_t kOffsetMax = std::numeric_limits<std::int64_t>::max();

SpanTable valid_pair() {
  Span first{.partition = {model::TopicNo(3), model::PartitionIndex(2)},
             .epoch = model::LeaderEpoch(1),
             .offsets = {model::Offset(10), model::Offset(20)},
             .length = 500,
             .batch_count = 3};
  first.producers = {{.producer = model::ProducerId(1),
                      .first_sequence = 4,
                      .last_sequence = 6,
                      .offsets = {model::Offset(10), model::Offset(13)}},
                     {.producer = model::ProducerId(1),
                      .first_sequence = 7,
                      .last_sequence = 9,
                      .offsets = {model::Offset(17), model::Offset(20)}}};
  Span second = first;
  second.offsets = {model::Offset(20), model::Offset(30)};
  second.producers.clear();
  SpanTable table{first, second};
  place_spans(table, 64);
  return table;
}

std::string_view fault_after(const std::function<void(Span& first, Span& second)>& change) {
  SpanTable table = valid_pair();
  change(table[0], table[1]);
  const auto fault = span_fault(nullptr, table[0]);
  return fault.empty() ? span_fault(&table[0], table[1]) : fault;
}

TEST(SpanTest, AValidTableHasNoFault) {
  EXPECT_EQ(fault_after([](Span&, Span&) {}), "");
  std::mt19937_64 random(1);
  const SpanTable table = testing::random_table(random, 100);
  for (std::size_t i = 0; i < table.size(); ++i)
    EXPECT_EQ(span_fault(i == 0 ? nullptr : &table[i - 1], table[i]), "");
}

TEST(SpanTest, ASpanNamesAPartitionAndARange) {
  EXPECT_NE(fault_after([](Span& s, Span&) { s.partition.topic = model::TopicNo(0); }), "");
  EXPECT_NE(fault_after([](Span& s, Span&) { s.partition.partition = model::PartitionIndex(-1); }),
            "");
  EXPECT_NE(fault_after([](Span& s, Span&) { s.epoch = model::LeaderEpoch(-1); }), "");
  EXPECT_NE(fault_after([](Span& s, Span&) { s.offsets.next = s.offsets.base; }), "");
  EXPECT_NE(fault_after([](Span& s, Span&) { s.offsets.base = model::Offset(-1); }), "");
}

TEST(SpanTest, ASpanHasBytesAndBatches) {
  EXPECT_NE(fault_after([](Span& s, Span&) { s.length = 0; }), "");
  EXPECT_NE(fault_after([](Span& s, Span&) { s.batch_count = 0; }), "");
  EXPECT_NE(fault_after([](Span& s, Span&) { s.batch_count = 11; }), "");
  EXPECT_EQ(fault_after([](Span& s, Span&) { s.batch_count = 10; }), "");
  EXPECT_NE(fault_after([](Span& s, Span&) { s.position = ~std::uint64_t{0}; }), "");
}

TEST(SpanTest, SpansFollowEachOther) {
  EXPECT_NE(fault_after([](Span&, Span& next) { next.position += 1; }), "");
  EXPECT_NE(fault_after([](Span&, Span& next) { next.position -= 1; }), "");
  EXPECT_NE(fault_after([](Span&, Span& next) { next.offsets.base = model::Offset(19); }), "");
  EXPECT_EQ(fault_after([](Span&, Span& next) { next.offsets.base = model::Offset(21); }), "");
  EXPECT_NE(
      fault_after([](Span&, Span& next) { next.partition.partition = model::PartitionIndex(1); }),
      "");
  EXPECT_NE(fault_after([](Span&, Span& next) { next.partition.topic = model::TopicNo(2); }), "");
  EXPECT_EQ(fault_after([](Span&, Span& next) {
              next.partition.topic = model::TopicNo(4);
              next.offsets.base = model::Offset(0);
            }),
            "");
}

TEST(SpanTest, ProducerBatchesLieInTheirSpanInOrder) {
  const auto fault = [](const std::function<void(ProducerBatch&)>& change, std::size_t which) {
    return fault_after([&](Span& span, Span&) { change(span.producers[which]); });
  };
  EXPECT_NE(fault([](ProducerBatch& b) { b.producer = model::ProducerId(-1); }, 0), "");
  EXPECT_NE(fault([](ProducerBatch& b) { b.epoch = model::ProducerEpoch(-1); }, 0), "");
  EXPECT_NE(fault([](ProducerBatch& b) { b.first_sequence = -2; }, 0), "");
  EXPECT_NE(fault([](ProducerBatch& b) { b.last_sequence = -2; }, 0), "");
  EXPECT_NE(fault([](ProducerBatch& b) { b.offsets.next = b.offsets.base; }, 0), "");
  EXPECT_NE(fault([](ProducerBatch& b) { b.offsets.base = model::Offset(9); }, 0), "");
  EXPECT_NE(fault([](ProducerBatch& b) { b.offsets.base = model::Offset(12); }, 1), "");
  EXPECT_NE(fault([](ProducerBatch& b) { b.offsets.next = model::Offset(21); }, 1), "");
  EXPECT_NE(fault([](ProducerBatch& b) { b.offsets.next = model::Offset(kOffsetMax); }, 1), "");
  EXPECT_EQ(fault([](ProducerBatch& b) { b.offsets.base = model::Offset(13); }, 1), "");
}

TEST(SpanTest, PlacedSpansLieEndToEnd) {
  SpanTable table = valid_pair();
  EXPECT_EQ(place_spans(table, 1000), 2000u);
  EXPECT_EQ(table[0].position, 1000u);
  EXPECT_EQ(table[1].position, 1500u);
  SpanTable empty;
  EXPECT_EQ(place_spans(empty, 64), 64u);
}

}  // namespace
}  // namespace streamhouse::segment
