// Goal: however a stream is cut up on its way, the same frames come out of it, and a length alone
// takes little memory.
// Method: random frames, random cuts, both ways in (space() and take()), from fixed seeds.
#include "net/frames/frame_reader.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "base/endian.h"

namespace streamhouse::net {
namespace {

using base::ByteVector;

constexpr std::size_t kLargest = 4u << 20;

void append_frame(ByteVector& stream, const ByteVector& content) {
  std::uint8_t length[4];
  base::store_big(length, static_cast<std::int32_t>(content.size()));
  stream.insert(stream.end(), length, length + 4);
  stream.insert(stream.end(), content.begin(), content.end());
}

ByteVector random_content(std::mt19937& random, std::size_t size) {
  ByteVector content(size, static_cast<std::uint8_t>(random()));
  for (std::size_t i = 0; i < size; i += 1 + size / 100)
    content[i] = static_cast<std::uint8_t>(random());
  return content;
}

/// Hands `stream` over in random pieces, a part of each by way of space().
std::vector<Frame> frames_of(base::BytesView stream, std::mt19937& random, std::size_t piece_max) {
  FrameReader reader(kLargest);
  std::vector<Frame> complete;
  while (!stream.empty()) {
    base::BytesView piece =
        stream.first(std::min<std::size_t>(stream.size(), 1 + random() % piece_max));
    stream = stream.subspan(piece.size());
    const base::MutableBytesView space = reader.space();
    const base::BytesView direct = piece.first(std::min(space.size(), piece.size()));
    std::ranges::copy(direct, space.begin());
    reader.filled(direct.size(), complete);
    EXPECT_TRUE(reader.take(piece.subspan(direct.size()), complete));
  }
  EXPECT_FALSE(reader.in_frame());
  EXPECT_EQ(reader.held_bytes(), 0u);
  return complete;
}

TEST(FrameReaderTest, FramesSurviveEveryCut) {
  for (unsigned seed = 0; seed < 200; ++seed) {
    std::mt19937 random(seed);
    const bool large = seed % 20 == 0;
    std::vector<ByteVector> contents;
    for (unsigned count = 1 + random() % 8; count > 0; --count)
      contents.push_back(random_content(random, random() % (large ? kLargest : 300)));
    ByteVector stream;
    for (const ByteVector& content : contents) append_frame(stream, content);
    const auto frames = frames_of(stream, random, large ? 100'000 : 1 + random() % 400);
    ASSERT_EQ(frames.size(), contents.size()) << "seed " << seed;
    for (std::size_t i = 0; i < frames.size(); ++i)
      EXPECT_TRUE(base::equal(frames[i].bytes, contents[i])) << "seed " << seed << " frame " << i;
  }
}

TEST(FrameReaderTest, ALengthOutsideOfTheLimitsIsRefused) {
  for (const std::int32_t length : {-1, -2'000'000'000, static_cast<std::int32_t>(kLargest) + 1}) {
    ByteVector stream;
    append_frame(stream, {1, 2, 3});
    stream.resize(stream.size() + 4);
    base::store_big(stream.data() + stream.size() - 4, length);
    FrameReader reader(kLargest);
    std::vector<Frame> complete;
    const base::Status taken = reader.take(stream, complete);
    ASSERT_FALSE(taken) << length;
    EXPECT_EQ(taken.error().code, base::Errc::kInvalid);
    EXPECT_NE(taken.error().text.find(std::to_string(length)), std::string::npos);
    EXPECT_EQ(complete.size(), 1u) << "what came before is there";
    EXPECT_EQ(reader.held_bytes(), 0u);
  }
}

TEST(FrameReaderTest, ALengthAloneTakesOneMebibyteAtMost) {
  FrameReader reader(kLargest);
  std::vector<Frame> complete;
  std::uint8_t length[4];
  base::store_big(length, static_cast<std::int32_t>(kLargest));
  ASSERT_TRUE(reader.take(length, complete));
  EXPECT_TRUE(reader.in_frame());
  EXPECT_EQ(reader.held_bytes(), FrameReader::kFirstBytes);
  reader.filled(reader.space().size(), complete);
  EXPECT_EQ(reader.held_bytes(), kLargest);
  reader.filled(reader.space().size(), complete);
  ASSERT_EQ(complete.size(), 1u);
  EXPECT_EQ(complete[0].bytes.size(), kLargest);
}

}  // namespace
}  // namespace streamhouse::net
