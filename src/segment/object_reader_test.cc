// Goal: any offset of an object is found by reading its tail and one block; nothing is found that
// it does not hold, and bytes of another object or another format are refused by name.
// Method: seeded random objects are read offset by offset while the ranges fetched are counted;
// objects are cut, swapped and given to the wrong key.
#include "segment/object_reader.h"

#include <gtest/gtest.h>

#include "base/crc32c.h"
#include "base/endian.h"
#include "tests/segment/example_object.h"
#include "tests/segment/fetched_object.h"

namespace streamhouse::segment {
namespace {

using base::Errc;
using testing::example_header;
using testing::example_key;
using testing::FetchedObject;
using testing::gathered;
using testing::partition;
using testing::random_contents;

/// The batch that holds `offset` in a run of batches.
model::RecordBatchView batch_at(base::BytesView run, model::Offset offset) {
  model::BatchCursor cursor(run);
  auto batch = cursor.next();
  while ((*batch)->next_offset() <= offset) batch = cursor.next();
  return **batch;
}

void expect_every_batch_is_read(const std::vector<SpanContent>& contents, base::BytesView bytes) {
  for (const SpanContent& span : contents) {
    for (const base::Bytes& batch : span.batches) {
      const auto offset = model::RecordBatchView::front_of(batch)->next_offset() - 1;
      FetchedObject object(example_key(), bytes);
      const auto block = object.read(span.partition, offset);
      ASSERT_TRUE(block.has_value()) << block.error().text;
      ASSERT_TRUE(base::equal(batch_at(*block, offset).bytes(), batch));
      EXPECT_LE(object.fetched().size(), 3u);
      EXPECT_LT(object.fetched().back().length, kBlockSize + batch.size() + 102'500);
    }
  }
}

TEST(ObjectReaderTest, ReadsAnyOffsetByTailAndOneBlock) {
  std::mt19937_64 random(1);
  for (int round = 0; round < 6; ++round) {
    const auto contents = random_contents(random, 12);
    expect_every_batch_is_read(contents, gathered(build_object(example_header(), contents)));
  }
}

TEST(ObjectReaderTest, ReadsASpanWithoutTheFooter) {
  std::mt19937_64 random(2);
  const BuiltObject built = build_object(example_header(), random_contents(random, 12));
  const auto bytes = gathered(built);
  for (const Span& span : built.spans) {
    FetchedObject object(example_key(), bytes);
    const auto read = object.read(span);
    ASSERT_TRUE(read.has_value()) << read.error().text;
    EXPECT_EQ(object.fetched(), (std::vector<base::ByteRange>{{span.position, span.length}}));
  }
}

TEST(ObjectReaderTest, AFooterLongerThanTheTailIsFetchedOnItsOwn) {
  std::mt19937_64 random(3);
  std::vector<SpanContent> contents;
  for (int i = 0; i < 6000; ++i)
    contents.push_back(testing::example_span(random, partition(1, i), model::Offset(i), {100}));
  const auto bytes = gathered(build_object(example_header(), contents));
  FetchedObject object(example_key(), bytes);
  const auto block = object.read(partition(1, 4321), model::Offset(4321));
  ASSERT_TRUE(block.has_value()) << block.error().text;
  EXPECT_EQ(object.fetched().size(), 3u);
  EXPECT_TRUE(base::equal(*block, contents[4321].batches.front()));
}

TEST(ObjectReaderTest, FindsNothingThatTheObjectDoesNotHold) {
  std::mt19937_64 random(4);
  const auto span = [&random](int index, std::int64_t base) {
    return testing::example_span(random, partition(2, index), model::Offset(base), {100, 100});
  };
  const auto bytes =
      gathered(build_object(example_header(), {span(1, 10), span(1, 20), span(3, 10)}));
  const auto footer = FetchedObject(example_key(), bytes).open();
  ASSERT_TRUE(footer.has_value());
  for (const auto& [index, offset] : std::vector<std::pair<int, std::int64_t>>{
           {1, 9}, {1, 12}, {1, 19}, {1, 22}, {0, 10}, {2, 10}, {2, 21}, {3, 9}, {3, 12}, {4, 10}})
    EXPECT_EQ(footer->find_block(partition(2, index), model::Offset(offset)), nullptr)
        << index << " " << offset;
  EXPECT_EQ(footer->find_block(partition(1, 1), model::Offset(10)), nullptr);
  EXPECT_EQ(footer->find_block(partition(3, 1), model::Offset(10)), nullptr);
  for (const std::int64_t offset : {10, 11, 20, 21})
    EXPECT_NE(footer->find_block(partition(2, 1), model::Offset(offset)), nullptr) << offset;
}

TEST(ObjectReaderTest, BlocksKnowTheirLatestRecord) {
  std::mt19937_64 random(5);
  const auto contents = random_contents(random, 8);
  const auto bytes = gathered(build_object(example_header(), contents));
  const auto footer = FetchedObject(example_key(), bytes).open();
  for (const Block& block : footer->blocks()) {
    std::int64_t latest = 0;
    model::BatchCursor cursor(base::BytesView(bytes).subspan(block.position, block.length));
    for (auto batch = cursor.next(); *batch; batch = cursor.next())
      latest = std::max(latest, (*batch)->max_timestamp());
    EXPECT_EQ(block.max_timestamp, latest);
  }
}

TEST(ObjectReaderTest, ACutObjectIsCorrupt) {
  std::mt19937_64 random(6);
  const auto bytes = gathered(build_object(example_header(), random_contents(random, 3)));
  for (std::size_t size = 0; size < bytes.size(); size += 1 + bytes.size() / 997) {
    const auto verified = verify_object(example_key(), base::BytesView(bytes).first(size));
    ASSERT_FALSE(verified.has_value()) << size;
    EXPECT_EQ(verified.error().code, Errc::kCorrupt);
    EXPECT_NE(verified.error().text.find(example_key()), std::string::npos);
  }
}

TEST(ObjectReaderTest, AnotherObjectUnderTheKeyIsCorrupt) {
  std::mt19937_64 random(7);
  const auto bytes = gathered(build_object(example_header(42), random_contents(random, 3)));
  for (const std::string& key :
       {example_key(43), object_key(model::SessionId(1), model::Seq(42)),
        to_key(SegmentKey{.compactor = testing::kExampleSession, .number = 42}),
        to_key(SealKey{testing::kExampleSession})}) {
    const auto verified = verify_object(key, bytes);
    ASSERT_FALSE(verified.has_value()) << key;
    EXPECT_EQ(verified.error().text,
              "object " + key + ": header at 0+64 is that of another object");
    const auto footer = FetchedObject(key, bytes).open();
    ASSERT_FALSE(footer.has_value()) << key;
    EXPECT_NE(footer.error().text.find("trailer at"), std::string::npos) << footer.error().text;
  }
}

TEST(ObjectReaderTest, ASpanOfAnotherPlaceIsCorrupt) {
  std::mt19937_64 random(8);
  const BuiltObject built = build_object(example_header(), random_contents(random, 1));
  const auto bytes = gathered(built);
  const auto error_of = [&bytes](const Span& span) {
    const auto read = FetchedObject(example_key(), bytes).read(span);
    return read.has_value() ? std::string() : read.error().text;
  };
  Span moved = built.spans.front();
  moved.offsets = {moved.offsets.base + 1, moved.offsets.next + 1};
  EXPECT_NE(error_of(moved).find("has base offset"), std::string::npos);
  Span older = built.spans.front();
  older.epoch = model::LeaderEpoch(2);
  EXPECT_NE(error_of(older).find("has leader epoch 3, not 2"), std::string::npos);
  Span longer = built.spans.front();
  longer.offsets.next += 1;
  EXPECT_NE(error_of(longer).find("lacks batches"), std::string::npos);
  Span shorter = built.spans.front();
  shorter.offsets.next = shorter.offsets.next - 1;
  EXPECT_NE(error_of(shorter).find("reaches past"), std::string::npos);
}

TEST(ObjectReaderTest, ALaterVersionOrLevelIsUnsupported) {
  auto bytes = gathered(build_object(example_header(), {}));
  for (const auto& [at, value] :
       std::vector<std::pair<std::size_t, std::uint8_t>>{{12, 2}, {13, 1}, {14, 2}, {14, 255}}) {
    auto changed = bytes;
    changed[at] = value;
    base::store_little(changed.data() + 8,
                       base::crc32c(base::BytesView(changed).subspan(12, kHeaderSize - 12)));
    const auto verified = verify_object(example_key(), changed);
    ASSERT_FALSE(verified.has_value());
    EXPECT_EQ(verified.error().code, Errc::kUnsupported) << verified.error().text;
  }
}

}  // namespace
}  // namespace streamhouse::segment
