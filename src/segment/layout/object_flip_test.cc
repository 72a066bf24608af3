// Goal: one flipped bit, anywhere in an object, is never read as something else: each read that
// depends on it answers an error that says where, and every other read answers the true bytes.
// Method: a real object with spans below, at and above a block's size; every bit is flipped in
// turn, and each read path is tried: whole object, block by footer, span without footer. Reads that
// fetched the bit along with what they needed are tried on a share of the bits.
#include <gtest/gtest.h>

#include "tests/segment/example_object.h"
#include "tests/segment/fetched_object.h"

namespace streamhouse::segment {
namespace {

using base::Errc;
using base::Error;
using testing::example_header;
using testing::FetchedObject;
using testing::partition;

constexpr std::size_t kBystanderStride = 1009;
const std::string kKey = testing::example_key();

/// Flips one bit for as long as it lives.
class Flip {
 public:
  Flip(base::ByteVector& bytes, std::size_t bit)
      : byte_(bytes[bit / 8]), mask_(static_cast<std::uint8_t>(1u << bit % 8)) {
    byte_ ^= mask_;
  }
  ~Flip() { byte_ ^= mask_; }
  Flip(const Flip&) = delete;
  Flip& operator=(const Flip&) = delete;

 private:
  std::uint8_t& byte_;
  std::uint8_t mask_;
};

bool covers(base::ByteRange range, std::size_t bit) {
  return range.position <= bit / 8 && bit / 8 < range.end();
}

/// The place that an error names, as in `... at 4711+100 ...`.
base::ByteRange place_named(const Error& error) {
  const auto at = error.text.find(" at ");
  base::ByteRange place;
  EXPECT_NE(at, std::string::npos) << error.text;
  if (at == std::string::npos) return place;
  EXPECT_EQ(std::sscanf(error.text.c_str() + at, " at %lu+%lu", &place.position, &place.length), 2)
      << error.text;
  return place;
}

void expect_says_where(const Error& error, std::size_t bit) {
  ASSERT_EQ(error.code, Errc::kCorrupt) << bit << " " << error.text;
  ASSERT_NE(error.text.find(kKey), std::string::npos) << error.text;
  ASSERT_TRUE(covers(place_named(error), bit)) << bit << " " << error.text;
}

class ObjectFlipTest : public ::testing::Test {
 protected:
  ObjectFlipTest() {
    std::mt19937_64 random(1);
    const auto span = [&random](std::int32_t index, std::vector<std::size_t> sizes, int count) {
      return testing::example_span(random, partition(7, index), model::Offset(1000 * index), sizes,
                                   count);
    };
    object_ = build_object(example_header(), {span(1, {90}, 1), span(2, {kBlockSize, 100, 90}, 2),
                                              span(4, {500, 500, 500, 500}, 3)});
    bytes_ = testing::gathered(object_);
    footer_.emplace(*FetchedObject(kKey, bytes_).open());
  }

  base::ByteRange footer_and_trailer() const {
    const auto position = footer_->trailer().footer_position;
    return {position, bytes_.size() - position};
  }

  /// Reads every block by partition and offset. Where the bit does not matter to a read, its answer
  /// must be the true bytes.
  void read_all_blocks(const base::ByteVector& truth, std::size_t bit) {
    for (const Span& span : footer_->spans()) {
      for (const Block& block : footer_->blocks_of(span)) {
        const auto read = FetchedObject(kKey, bytes_).read(span.partition, block.offsets.base);
        if (covers(footer_and_trailer(), bit) || covers(block.range(), bit)) {
          ASSERT_FALSE(read.has_value()) << bit;
          expect_says_where(read.error(), bit);
        } else {
          ASSERT_TRUE(read.has_value()) << bit << " " << read.error().text;
          ASSERT_TRUE(
              base::equal(*read, base::BytesView(truth).subspan(block.position, block.length)));
        }
      }
    }
  }

  BuiltObject object_;
  base::ByteVector bytes_;
  std::optional<ObjectFooter> footer_;
};

TEST_F(ObjectFlipTest, TheWholeObjectIsRefused) {
  // In the body one bit of each byte: whole objects are verified block by block, and blocks below.
  const auto body_end = footer_and_trailer().position;
  for (std::size_t bit = 0; bit < bytes_.size() * 8; ++bit) {
    const std::size_t byte = bit / 8;
    if (byte >= kHeaderSize && byte < body_end && bit % 8 != byte % 8) continue;
    const Flip flip(bytes_, bit);
    const auto verified = verify_object(kKey, bytes_);
    ASSERT_FALSE(verified.has_value()) << bit;
    expect_says_where(verified.error(), bit);
    if (HasFatalFailure()) return;
  }
}

TEST_F(ObjectFlipTest, TheBlockThatHoldsItIsRefused) {
  for (const Block& block : footer_->blocks()) {
    for (std::size_t bit = block.position * 8; bit < block.range().end() * 8; ++bit) {
      const Flip flip(bytes_, bit);
      const auto read =
          verify_block(kKey, block, base::BytesView(bytes_).subspan(block.position, block.length));
      ASSERT_FALSE(read.has_value()) << bit;
      expect_says_where(read.error(), bit);
      if (HasFatalFailure()) return;
    }
  }
}

TEST_F(ObjectFlipTest, TheSpanThatHoldsItIsRefusedWithoutTheFooter) {
  for (const Span& span : footer_->spans()) {
    for (std::size_t bit = span.position * 8; bit < (span.position + span.length) * 8; ++bit) {
      const Flip flip(bytes_, bit);
      const auto read = FetchedObject(kKey, bytes_).read(span);
      ASSERT_FALSE(read.has_value()) << bit;
      expect_says_where(read.error(), bit);
      if (HasFatalFailure()) return;
    }
  }
}

TEST_F(ObjectFlipTest, InFooterOrTrailerItStopsEveryReadByOffset) {
  const base::ByteVector truth = bytes_;
  for (std::size_t bit = footer_and_trailer().position * 8; bit < bytes_.size() * 8; ++bit) {
    const Flip flip(bytes_, bit);
    read_all_blocks(truth, bit);
    if (HasFatalFailure()) return;
  }
}

TEST_F(ObjectFlipTest, ElsewhereItLeavesOtherReadsTrue) {
  const base::ByteVector truth = bytes_;
  for (std::size_t bit = 0; bit < footer_and_trailer().position * 8; bit += kBystanderStride) {
    const Flip flip(bytes_, bit);
    read_all_blocks(truth, bit);
    if (HasFatalFailure()) return;
  }
}

}  // namespace
}  // namespace streamhouse::segment
