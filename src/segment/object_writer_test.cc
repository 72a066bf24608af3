// Goal: an object holds exactly the batches it was built from, where its span table says, in blocks
// of the documented size, and building it copies none of them.
// Method: seeded random layouts, and sizes on both sides of a block's border, are built, gathered
// and verified; every claim of the table is compared with the batches' own headers.
#include "segment/object_writer.h"

#include <gtest/gtest.h>

#include "base/crc32c.h"
#include "segment/object_reader.h"
#include "tests/segment/example_object.h"

namespace streamhouse::segment {
namespace {

using testing::example_batch;
using testing::example_header;
using testing::example_key;
using testing::example_span;
using testing::gathered;
using testing::partition;
using testing::random_contents;

constexpr std::int64_t kMillisecondMin = std::numeric_limits<std::int64_t>::min();

ObjectFooter footer_of(const BuiltObject& object, std::string_view key = example_key()) {
  auto verified = verify_object(key, gathered(object));
  EXPECT_TRUE(verified.has_value()) << verified.error().text;
  return std::move(verified->footer);
}

/// That `span` says of `content` what its batches say.
void expect_span_of(const SpanContent& content, const Span& span, base::BytesView object) {
  EXPECT_EQ(span.partition, content.partition);
  EXPECT_EQ(span.epoch, content.epoch);
  EXPECT_EQ(span.batch_count, content.batches.size());
  std::uint64_t position = span.position;
  std::int64_t max_timestamp = kMillisecondMin;
  for (const base::Bytes& batch : content.batches) {
    ASSERT_TRUE(base::equal(object.subspan(position, batch.size()), batch));
    position += batch.size();
    max_timestamp =
        std::max(max_timestamp, model::RecordBatchView::front_of(batch)->max_timestamp());
  }
  EXPECT_EQ(position, span.position + span.length);
  EXPECT_EQ(max_timestamp, span.max_timestamp);
  EXPECT_EQ(span.offsets.base,
            model::RecordBatchView::front_of(content.batches.front())->base_offset());
  EXPECT_EQ(span.offsets.next,
            model::RecordBatchView::front_of(content.batches.back())->next_offset());
}

/// The shape that makes a batch of exactly `size` bytes.
std::size_t shape_size(std::size_t size) {
  std::mt19937_64 random(9);
  const auto batch_size = [&random](std::size_t shape) {
    return example_batch(random, {}, {}, {.size = shape}).size();
  };
  const std::size_t shape = 2 * size - batch_size(size);
  EXPECT_EQ(batch_size(shape), size);
  return shape;
}

std::vector<std::uint32_t> block_lengths(std::vector<std::size_t> batch_sizes) {
  std::mt19937_64 random(9);
  const auto object = build_object(
      example_header(), {example_span(random, partition(1, 0), model::Offset(5), batch_sizes)});
  std::vector<std::uint32_t> lengths;
  for (const Block& block : footer_of(object).blocks()) lengths.push_back(block.length);
  return lengths;
}

TEST(ObjectWriterTest, RandomLayoutsHoldWhatWasPutIn) {
  std::mt19937_64 random(1);
  for (int round = 0; round < 40; ++round) {
    const auto contents = random_contents(random, 30);
    const BuiltObject object = build_object(example_header(round + 2), contents);
    const auto bytes = gathered(object);
    ASSERT_EQ(object.size, bytes.size());
    ASSERT_EQ(object.crc, base::crc32c(base::BytesView(bytes).first(bytes.size() - kTrailerSize)));
    const auto verified = verify_object(example_key(round + 2), bytes);
    ASSERT_TRUE(verified.has_value()) << verified.error().text;
    EXPECT_EQ(verified->header, example_header(round + 2));
    ASSERT_EQ(verified->footer.spans(), object.spans);
    ASSERT_EQ(object.spans.size(), contents.size());
    for (std::size_t i = 0; i < contents.size(); ++i)
      expect_span_of(contents[i], object.spans[i], bytes);
  }
}

TEST(ObjectWriterTest, TheSpanTableIsTheOneOfTheCommitRow) {
  std::mt19937_64 random(2);
  const BuiltObject object = build_object(example_header(), random_contents(random, 10));
  EXPECT_TRUE(base::equal(object.span_table, encode_span_table(object.spans)));
}

TEST(ObjectWriterTest, BatchesAreNotCopied) {
  std::mt19937_64 random(3);
  const auto contents = random_contents(random, 10);
  const BuiltObject object = build_object(example_header(), contents);
  std::size_t chunk = 1;  // after the header
  for (const SpanContent& span : contents)
    for (const base::Bytes& batch : span.batches)
      EXPECT_EQ(object.chunks[chunk++].data(), batch.data());
  EXPECT_EQ(chunk + 1, object.chunks.size());
}

TEST(ObjectWriterTest, TheSameInputGivesTheSameBytes) {
  std::mt19937_64 random(4);
  const auto contents = random_contents(random, 10);
  EXPECT_EQ(gathered(build_object(example_header(), contents)),
            gathered(build_object(example_header(), contents)));
}

TEST(ObjectWriterTest, AnObjectWithoutSpansIsOne) {
  const BuiltObject object = build_object(example_header(), {});
  EXPECT_TRUE(footer_of(object).spans().empty());
}

TEST(ObjectWriterTest, ABlockEndsWithTheBatchThatFillsIt) {
  const std::size_t full = shape_size(kBlockSize);
  const std::size_t small = shape_size(1000);
  using Lengths = std::vector<std::uint32_t>;
  EXPECT_EQ(block_lengths({full, small}), Lengths({kBlockSize, 1000}));
  EXPECT_EQ(block_lengths({full - 1, small}), Lengths({kBlockSize - 1 + 1000}));
  EXPECT_EQ(block_lengths({full + 1, small}), Lengths({kBlockSize + 1, 1000}));
  EXPECT_EQ(block_lengths({full, full}), Lengths({kBlockSize, kBlockSize}));
  EXPECT_EQ(block_lengths({full}), Lengths({kBlockSize}));
  EXPECT_EQ(block_lengths(std::vector(130, small)), Lengths({66'000, 64'000}));
}

TEST(ObjectWriterTest, IdempotentBatchesLeaveTheirProducerState) {
  std::mt19937_64 random(6);
  SpanContent span{.partition = partition(1, 0), .epoch = model::LeaderEpoch(1)};
  const model::BatchHeaderFields transactional{.producer = model::ProducerId(77),
                                               .producer_epoch = model::ProducerEpoch(2),
                                               .base_sequence = 2147483646,
                                               .flags = model::batch_layout::kTransactionalBit};
  const model::BatchHeaderFields marker{
      .producer = model::ProducerId(77),
      .producer_epoch = model::ProducerEpoch(2),
      .base_sequence = -1,
      .flags = model::batch_layout::kTransactionalBit | model::batch_layout::kControlBit};
  span.batches.push_back(example_batch(random, model::Offset(10), span.epoch, {300, 4}));
  span.batches.push_back(
      example_batch(random, model::Offset(14), span.epoch, {300, 4, transactional}));
  span.batches.push_back(example_batch(random, model::Offset(18), span.epoch, {100, 1, marker}));
  const auto data = model::RecordBatchView::front_of(span.batches[1])->max_timestamp();
  const auto end = model::RecordBatchView::front_of(span.batches[2])->max_timestamp();
  const ObjectFooter footer = footer_of(build_object(example_header(), {span}));
  const std::vector<ProducerBatch> expected{{.producer = model::ProducerId(77),
                                             .epoch = model::ProducerEpoch(2),
                                             .first_sequence = 2147483646,
                                             .last_sequence = 1,
                                             .offsets = {model::Offset(14), model::Offset(18)},
                                             .max_timestamp = data,
                                             .flags = kSpanTransactional},
                                            {.producer = model::ProducerId(77),
                                             .epoch = model::ProducerEpoch(2),
                                             .first_sequence = -1,
                                             .last_sequence = -1,
                                             .offsets = {model::Offset(18), model::Offset(19)},
                                             .max_timestamp = end,
                                             .flags = kSpanTransactional | kSpanControl}};
  EXPECT_EQ(footer.spans().front().producers, expected);
  EXPECT_EQ(footer.spans().front().flags, kSpanTransactional | kSpanControl);
}

TEST(ObjectWriterTest, ACompactedObjectMayHaveGapsAndNamesItsInputs) {
  std::mt19937_64 random(7);
  ObjectHeader header = example_header(5);
  header.identity.level = ObjectLevel::kCompacted;
  SpanContent span{.partition = partition(1, 0), .epoch = model::LeaderEpoch(1)};
  for (const std::int64_t base : {10, 500, 9000})
    span.batches.push_back(example_batch(random, model::Offset(base), span.epoch, {70'000, 3}));
  const std::vector<ObjectInputs> inputs{{.first = example_header(1).identity, .count = 40},
                                         {.first = header.identity, .count = 1}};
  const std::string key = to_key(SegmentKey{.compactor = testing::kExampleSession, .number = 5});
  const ObjectFooter footer = footer_of(build_object(header, {span}, inputs), key);
  EXPECT_EQ(footer.inputs(), inputs);
  EXPECT_EQ(footer.spans().front().offsets,
            (model::OffsetRange{model::Offset(10), model::Offset(9003)}));
  const Block* in_gap = footer.find_block(span.partition, model::Offset(400));
  ASSERT_NE(in_gap, nullptr);
  EXPECT_EQ(in_gap->offsets, (model::OffsetRange{model::Offset(13), model::Offset(503)}));
}

using ObjectWriterDeathTest = ::testing::Test;

TEST(ObjectWriterDeathTest, RefusesBatchesThatAreNotInPlace) {
  std::mt19937_64 random(8);
  const auto contents = [&random](std::int64_t second, int epoch) {
    SpanContent span{.partition = partition(1, 0), .epoch = model::LeaderEpoch(1)};
    span.batches.push_back(example_batch(random, model::Offset(10), span.epoch, {}));
    span.batches.push_back(
        example_batch(random, model::Offset(second), model::LeaderEpoch(epoch), {}));
    return std::vector{span};
  };
  EXPECT_DEATH(build_object(example_header(), contents(12, 1)), "offset order");
  EXPECT_DEATH(build_object(example_header(), contents(10, 1)), "offset order");
  EXPECT_DEATH(build_object(example_header(), contents(11, 2)), "epoch of their span");
  auto unsorted = contents(11, 1);
  unsorted.push_back(contents(11, 1).front());
  EXPECT_DEATH(build_object(example_header(), unsorted), "in order");
  EXPECT_DEATH(build_object(example_header(), {SpanContent{.partition = partition(1, 0)}}),
               "has batches");
}

}  // namespace
}  // namespace streamhouse::segment
