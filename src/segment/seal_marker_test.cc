// Goal: a seal marker says what was sealed, and damaged or misplaced ones are refused.
// Method: round trips, every truncation and bit flip, the key of another session.
#include "segment/seal_marker.h"

#include <gtest/gtest.h>

#include "segment/object_key.h"
#include "tests/segment/packed_faults.h"

namespace streamhouse::segment {
namespace {

SealMarker example_marker() {
  SealMarker marker{.session = model::SessionId(0xfedcba9876543210), .seq = model::Seq(4711)};
  for (std::size_t i = 0; i < marker.cluster.size(); ++i)
    marker.cluster[i] = static_cast<std::uint8_t>(i);
  return marker;
}

base::Result<SealMarker> decode(base::BytesView bytes) {
  return decode_seal_marker(to_key(SealKey{example_marker().session}), bytes);
}

TEST(SealMarkerTest, RoundTrips) {
  const auto decoded = decode(encode_seal_marker(example_marker()));
  ASSERT_TRUE(decoded.has_value()) << decoded.error().text;
  EXPECT_EQ(*decoded, example_marker());
}

TEST(SealMarkerTest, EveryTruncationIsRefused) {
  testing::expect_truncations_refused(decode, encode_seal_marker(example_marker()));
  EXPECT_FALSE(decode({}).has_value());
}

TEST(SealMarkerTest, EveryBitFlipIsRefused) {
  testing::expect_flips_refused(decode, encode_seal_marker(example_marker()),
                                [](const SealMarker& marker) {
                                  EXPECT_EQ(marker.session, example_marker().session);
                                  EXPECT_GE(marker.seq.value(), 0);
                                });
}

TEST(SealMarkerTest, UnderTheKeyOfAnotherObjectItIsRefused) {
  const auto bytes = encode_seal_marker(example_marker());
  for (const std::string& key : {to_key(SealKey{model::SessionId(1)}),
                                 object_key(example_marker().session, model::Seq(4711))}) {
    const auto decoded = decode_seal_marker(key, bytes);
    ASSERT_FALSE(decoded.has_value());
    EXPECT_NE(decoded.error().text.find("object " + key), std::string::npos);
  }
}

}  // namespace
}  // namespace streamhouse::segment
