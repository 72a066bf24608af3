// Goal: bytes of the store are served only when they are those that were written, for the offset
// asked for; a missing, short or damaged object is kCorrupt and named, never empty (S5, R5).
// Method: real objects in a memory store, read at every offset, then damaged at every block.

#include "blockcache/checked_object_reader.h"

#include <gtest/gtest.h>

#include "base/crc32c.h"
#include "blockcache/block_planner.h"
#include "blockcache/footer_cache.h"
#include "objectstore/memory_object_store.h"
#include "runtime/run_task.h"
#include "runtime/sim/sim_scheduler.h"
#include "tests/segment/example_object.h"

namespace streamhouse::blockcache {
namespace {

using base::Errc;
using model::Offset;
using segment::testing::example_header;
using segment::testing::example_key;
using segment::testing::example_span;

class CheckedObjectReaderTest : public testing::Test {
 protected:
  static constexpr std::int64_t kBase = 1'000;
  static constexpr std::int64_t kBatches = 40;
  static constexpr std::size_t kBatchBytes = 10'000;

  CheckedObjectReaderTest() {
    std::mt19937_64 random(3);
    const std::vector<std::size_t> sizes(kBatches, kBatchBytes);
    object_ = segment::testing::gathered(segment::build_object(
        example_header(), {example_span(random, partition(0), Offset(kBase), sizes),
                           example_span(random, partition(1), Offset(0), {500})}));
  }
  static model::TopicPartition partition(std::int32_t index) {
    return segment::testing::partition(1, index);
  }
  void store(base::ByteVector bytes) {
    const auto removed = wait(store_.remove(example_key()));
    ASSERT_TRUE(removed);
    ASSERT_TRUE(wait(store_.put(example_key(), {base::Bytes(std::move(bytes))})));
  }
  SpanRead want(std::int64_t from, std::size_t bytes_max = 1) const {
    return {.object_key = example_key(),
            .object_size = object_.size(),
            .partition = partition(0),
            .span = {Offset(kBase), Offset(kBase + kBatches)},
            .from = Offset(from),
            .bytes_max = bytes_max};
  }
  base::Result<std::vector<base::Bytes>> read(SpanRead wanted) {
    CheckedObjectReader reader(store_, 1u << 20);
    return wait(reader.read(std::move(wanted)));
  }
  static std::int64_t offset_of(base::BytesView batch) {
    return model::RecordBatchView::front_of(batch)->base_offset().value();
  }
  template <class T>
  T wait(runtime::Task<T> task) {
    return runtime::run_task(agent_, std::move(task));
  }

  runtime::SimScheduler scheduler_{{.seed = 1}};
  runtime::SimRuntime& agent_ = scheduler_.add_runtime("agent");
  objectstore::MemoryObjectStore store_;
  base::ByteVector object_;
};

TEST_F(CheckedObjectReaderTest, ReturnsTheBatchThatHoldsTheOffset) {
  store(object_);
  for (std::int64_t i = 0; i < kBatches; ++i) {
    const auto batches = read(want(kBase + i));
    ASSERT_TRUE(batches) << to_string(batches.error());
    ASSERT_EQ(batches->size(), 1u) << "one whole batch, although a byte was asked for";
    EXPECT_EQ(offset_of(batches->front()), kBase + i);
    EXPECT_TRUE(model::RecordBatchView::front_of(batches->front())->crc_matches());
  }
}

TEST_F(CheckedObjectReaderTest, ReturnsConsecutiveBatchesUpToTheBytesAskedFor) {
  store(object_);
  const auto batches = read(want(kBase + 3, 25 * kBatchBytes));
  ASSERT_TRUE(batches) << to_string(batches.error());
  std::size_t bytes = 0;
  for (std::size_t i = 0; i < batches->size(); ++i) {
    EXPECT_EQ(offset_of((*batches)[i]), kBase + 3 + static_cast<std::int64_t>(i));
    bytes += (*batches)[i].size();
  }
  EXPECT_LE(bytes, 25 * kBatchBytes);
  EXPECT_GE(batches->size(), 15u);
}

TEST_F(CheckedObjectReaderTest, NeverReadsIntoTheNextPartition) {
  store(object_);
  const auto batches = read(want(kBase + kBatches - 2, 1u << 20));
  ASSERT_TRUE(batches);
  EXPECT_EQ(batches->size(), 2u);
}

TEST_F(CheckedObjectReaderTest, CallsAMissingObjectCorruptAndNamesIt) {
  const auto batches = read(want(kBase));
  ASSERT_FALSE(batches);
  EXPECT_EQ(batches.error().code, Errc::kCorrupt);
  EXPECT_NE(batches.error().text.find(example_key()), std::string::npos) << batches.error().text;
}

TEST_F(CheckedObjectReaderTest, CallsAnObjectOfAnotherLengthCorruptAndNamesIt) {
  for (const std::size_t cut : {std::size_t{1}, object_.size() / 2, object_.size() - 1}) {
    base::ByteVector shorter = object_;
    shorter.resize(object_.size() - cut);
    store(shorter);
    const auto batches = read(want(kBase));
    ASSERT_FALSE(batches) << cut;
    EXPECT_EQ(batches.error().code, Errc::kCorrupt) << to_string(batches.error());
    EXPECT_NE(batches.error().text.find(example_key()), std::string::npos) << batches.error().text;
  }
  SpanRead tiny = want(kBase);
  tiny.object_size = 100;
  EXPECT_EQ(read(tiny).error().code, Errc::kCorrupt);
}

TEST_F(CheckedObjectReaderTest, ServesNoBatchOfABlockWithAWrongBit) {
  for (std::int64_t i = 0; i < kBatches; i += 5) {
    base::ByteVector damaged = object_;
    damaged[segment::kHeaderSize + static_cast<std::size_t>(i) * kBatchBytes + 3'000] ^= 4;
    store(damaged);
    const auto batches = read(want(kBase, 1u << 20));
    ASSERT_FALSE(batches) << i;
    EXPECT_EQ(batches.error().code, Errc::kCorrupt);
    EXPECT_NE(batches.error().text.find(example_key()), std::string::npos) << batches.error().text;
  }
}

TEST_F(CheckedObjectReaderTest, RefusesAnObjectThatDoesNotHoldWhatTheIndexSays) {
  store(object_);
  SpanRead other = want(kBase);
  other.partition = partition(7);
  EXPECT_EQ(read(other).error().code, Errc::kCorrupt) << "no such partition";
  EXPECT_EQ(read(want(kBase + kBatches)).error().code, Errc::kCorrupt) << "no such offset";
  SpanRead longer = want(kBase);
  longer.span.next = Offset(kBase + kBatches + 1);
  const auto batches = read(longer);
  ASSERT_FALSE(batches) << "the span has other borders";
  EXPECT_EQ(batches.error().code, Errc::kCorrupt);
}

TEST_F(CheckedObjectReaderTest, ServesNoBatchThatFailsItsOwnCrcThoughTheObjectIsWhole) {
  std::mt19937_64 random(3);
  segment::SpanContent span =
      example_span(random, partition(0), Offset(kBase), std::vector<std::size_t>(kBatches, 500));
  const base::BytesView good = span.batches[7];
  base::ByteVector bad(good.begin(), good.end());
  bad.back() ^= 1;
  span.batches[7] = base::Bytes(std::move(bad));
  object_ = segment::testing::gathered(segment::build_object(example_header(), {std::move(span)}));
  store(object_);
  EXPECT_TRUE(read(want(kBase, 1'000)));
  const auto batches = read(want(kBase, 1u << 20));
  ASSERT_FALSE(batches);
  EXPECT_EQ(batches.error().code, Errc::kCorrupt);
  EXPECT_NE(batches.error().text.find("offset 1007"), std::string::npos) << batches.error().text;
}

TEST_F(CheckedObjectReaderTest, ServesNoBatchesThatDoNotFollowOneAnother) {
  std::mt19937_64 random(3);
  const auto span = example_span(random, partition(0), Offset(kBase), {500, 500, 500});
  const base::BytesView first = span.batches[0];
  const base::BytesView third = span.batches[2];
  base::ByteVector bytes(first.begin(), first.end());
  bytes.insert(bytes.end(), third.begin(), third.end());
  const segment::Block block{.offsets = {Offset(kBase), Offset(kBase + 3)},
                             .length = static_cast<std::uint32_t>(bytes.size()),
                             .crc = base::crc32c(bytes)};
  const base::Bytes content(std::move(bytes));
  const auto taken = [&](segment::ObjectLevel level) {
    return take_batches(want(kBase, 1u << 20), level, std::span(&block, 1), content);
  };
  const auto flushed = taken(segment::ObjectLevel::kFlushed);
  ASSERT_FALSE(flushed);
  EXPECT_EQ(flushed.error().code, Errc::kCorrupt);
  EXPECT_NE(flushed.error().text.find("offset 1002"), std::string::npos) << flushed.error().text;
  EXPECT_TRUE(taken(segment::ObjectLevel::kCompacted)) << "compaction leaves gaps";
}

TEST_F(CheckedObjectReaderTest, ReadsAnObjectAgainOnceItWasRepaired) {
  CheckedObjectReader reader(store_, 1u << 20);
  base::ByteVector damaged = object_;
  damaged[segment::kHeaderSize + 3'000] ^= 4;
  store(damaged);
  ASSERT_FALSE(wait(reader.read(want(kBase))));
  store(object_);
  EXPECT_TRUE(wait(reader.read(want(kBase))));
}

FooterCache::Footer footer(std::int64_t seq) {
  std::mt19937_64 random(1);
  const base::ByteVector bytes = segment::testing::gathered(segment::build_object(
      example_header(seq),
      {example_span(random, segment::testing::partition(1, 0), Offset(0), {100})}));
  auto verified = segment::verify_object(example_key(seq), bytes);
  SH_CHECK(verified.has_value(), "a whole object");
  return std::make_shared<const segment::ObjectFooter>(std::move(verified->footer));
}

TEST(FooterCache, ForgetsTheLeastRecentlyUsedBeyondItsBytes) {
  FooterCache unbounded(1u << 20);
  unbounded.insert("a", footer(1));
  const std::size_t one = unbounded.bytes();
  ASSERT_GT(one, 0u);
  FooterCache cache(3 * one);
  for (const char* key : {"a", "b", "c"}) cache.insert(key, footer(1));
  EXPECT_NE(cache.find("a"), nullptr);
  cache.insert("d", footer(1));
  EXPECT_EQ(cache.find("b"), nullptr) << "a was used since";
  EXPECT_NE(cache.find("a"), nullptr);
  EXPECT_EQ(cache.bytes(), 3 * one);
}

TEST(FooterCache, CountsWhatItHadAndWhatItHadNot) {
  FooterCache cache(1u << 20);
  cache.insert("a", footer(1));
  for (const char* key : {"a", "b", "a"}) cache.find(key);
  EXPECT_EQ(cache.use().hits, 2u);
  EXPECT_EQ(cache.use().misses, 1u);
}

TEST(FooterCache, KeepsTheNewestAlsoIfItAloneIsTooLarge) {
  FooterCache cache(1);
  cache.insert("a", footer(1));
  EXPECT_NE(cache.find("a"), nullptr);
  cache.insert("b", footer(2));
  EXPECT_EQ(cache.find("a"), nullptr);
  EXPECT_NE(cache.find("b"), nullptr);
}

TEST(FooterCache, CountsAReplacedFooterOnceAndAnErasedOneNotAtAll) {
  FooterCache cache(1u << 20);
  cache.insert("a", footer(1));
  const std::size_t one = cache.bytes();
  cache.insert("a", footer(1));
  EXPECT_EQ(cache.bytes(), one);
  cache.erase("a");
  cache.erase("a");
  EXPECT_EQ(cache.bytes(), 0u);
  EXPECT_EQ(cache.find("a"), nullptr);
}

}  // namespace
}  // namespace streamhouse::blockcache
