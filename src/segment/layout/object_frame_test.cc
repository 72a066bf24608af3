// Goal: header and trailer survive the trip, fit one object under one key only, and no flipped bit
// or wrong size passes.
// Method: round trips, every bit flip, trailers whose numbers do not add up.
#include "segment/layout/object_frame.h"

#include <gtest/gtest.h>

#include "segment/object_key.h"
#include "tests/segment/example_object.h"

namespace streamhouse::segment {
namespace {

using base::BytesView;
using base::Errc;
using testing::example_header;
using testing::example_key;

constexpr std::uint64_t kObjectSize = 1000;

ObjectTrailer example_trailer() {
  return {.identity = example_header().identity,
          .footer_position = 800,
          .index_length = 60,
          .inputs_length = 0,
          .table_length = 76,
          .footer_crc = 0x01020304,
          .object_crc = 0xfefdfcfb};
}

std::string trailer_error(const ObjectTrailer& trailer, std::uint64_t object_size = kObjectSize) {
  const auto decoded = decode_trailer(example_key(), object_size, encode_trailer(trailer));
  EXPECT_FALSE(decoded.has_value());
  return decoded.has_value() ? std::string() : decoded.error().text;
}

TEST(ObjectFrameTest, HeadersRoundTrip) {
  ObjectHeader header = example_header();
  const auto flushed = decode_header(example_key(), encode_header(header));
  ASSERT_TRUE(flushed.has_value()) << flushed.error().text;
  EXPECT_EQ(*flushed, header);
  header.identity.level = ObjectLevel::kCompacted;
  const auto compacted =
      decode_header(to_key(SegmentKey{.compactor = header.identity.session, .number = 42}),
                    encode_header(header));
  ASSERT_TRUE(compacted.has_value()) << compacted.error().text;
  EXPECT_EQ(*compacted, header);
}

TEST(ObjectFrameTest, TrailersRoundTrip) {
  const auto decoded =
      decode_trailer(example_key(), kObjectSize, encode_trailer(example_trailer()));
  ASSERT_TRUE(decoded.has_value()) << decoded.error().text;
  EXPECT_EQ(*decoded, example_trailer());
  EXPECT_EQ(decoded->footer(), (base::ByteRange{800, 136}));
}

TEST(ObjectFrameTest, EveryBitFlipIsRefused) {
  auto header = encode_header(example_header());
  auto trailer = encode_trailer(example_trailer());
  for (std::size_t bit = 0; bit < kHeaderSize * 8; ++bit) {
    const auto mask = static_cast<std::uint8_t>(1u << bit % 8);
    header[bit / 8] ^= mask;
    trailer[bit / 8] ^= mask;
    EXPECT_FALSE(decode_header(example_key(), header).has_value()) << bit;
    EXPECT_FALSE(decode_trailer(example_key(), kObjectSize, trailer).has_value()) << bit;
    header[bit / 8] ^= mask;
    trailer[bit / 8] ^= mask;
  }
}

TEST(ObjectFrameTest, AHeaderIsNoTrailer) {
  const auto header = encode_header(example_header());
  const auto trailer = encode_trailer(example_trailer());
  EXPECT_EQ(decode_header(example_key(), trailer).error().text,
            "object " + example_key() + ": header at 0+64 does not begin with its magic");
  EXPECT_EQ(decode_trailer(example_key(), kObjectSize, header).error().text,
            "object " + example_key() + ": trailer at 936+64 does not begin with its magic");
  EXPECT_FALSE(decode_header(example_key(), BytesView(header).first(63)).has_value());
  EXPECT_FALSE(decode_trailer(example_key(), kObjectSize, {}).has_value());
}

TEST(ObjectFrameTest, ATrailerMustAddUpToTheObject) {
  constexpr auto kFault = "names a footer that does not fit the object";
  for (const std::uint64_t size : {0u, 64u, 863u, 999u, 1001u, 2000u})
    EXPECT_NE(trailer_error(example_trailer(), size).find(kFault), std::string::npos) << size;
  ObjectTrailer early = example_trailer();
  early.footer_position = kHeaderSize - 1;
  early.index_length = static_cast<std::uint32_t>(kObjectSize - 63 - 64 - 76);
  EXPECT_NE(trailer_error(early).find(kFault), std::string::npos);
  ObjectTrailer wrapped = example_trailer();
  wrapped.footer_position = 0 - std::uint64_t{136};
  EXPECT_NE(trailer_error(wrapped, 64).find(kFault), std::string::npos);
  ObjectTrailer huge = example_trailer();
  huge.index_length = huge.inputs_length = huge.table_length = 0xffffffff;
  EXPECT_NE(trailer_error(huge).find(kFault), std::string::npos);
}

TEST(ObjectFrameTest, AKeyThatIsNotOursNamesNoObject) {
  EXPECT_TRUE(decode_header("copy/of/an/object", encode_header(example_header())).has_value());
  const auto sealed = decode_header(to_key(SealKey{example_header().identity.session}),
                                    encode_header(example_header()));
  ASSERT_FALSE(sealed.has_value());
  EXPECT_EQ(sealed.error().code, Errc::kCorrupt);
}

}  // namespace
}  // namespace streamhouse::segment
