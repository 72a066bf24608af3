// Goal: a compacted object names exactly what it replaces, whatever happens to the bytes.
// Method: round trips, every truncation and bit flip, broken rules one by one.
#include "segment/packed/object_inputs.h"

#include <gtest/gtest.h>

#include "tests/segment/packed_faults.h"

namespace streamhouse::segment {
namespace {

using testing::packed;

const std::vector<ObjectInputs> kInputs{
    {.first = {.session = model::SessionId(0xfedcba9876543210), .seq = model::Seq(1)},
     .count = 4000},
    {.first = {.level = ObjectLevel::kCompacted, .session = model::SessionId(7)}, .count = 1},
    {.first = {.session = model::SessionId(8),
               .seq = model::Seq(std::numeric_limits<std::int64_t>::max() - 1)},
     .count = 1}};

TEST(ObjectInputsTest, RoundTrip) {
  const auto decoded = decode_inputs(encode_inputs(kInputs));
  ASSERT_TRUE(decoded.has_value()) << decoded.error().text;
  EXPECT_EQ(*decoded, kInputs);
}

TEST(ObjectInputsTest, NoneAreNoBytes) {
  EXPECT_TRUE(encode_inputs({}).empty());
  const auto decoded = decode_inputs({});
  ASSERT_TRUE(decoded.has_value());
  EXPECT_TRUE(decoded->empty());
}

TEST(ObjectInputsTest, EveryTruncationIsRefused) {
  testing::expect_truncations_refused(decode_inputs, encode_inputs(kInputs));
}

TEST(ObjectInputsTest, EveryBitFlipIsRefusedOrLeavesInputsThatNameObjects) {
  testing::expect_flips_refused(decode_inputs, encode_inputs(kInputs),
                                [](const std::vector<ObjectInputs>& inputs) {
                                  for (const ObjectInputs& run : inputs) {
                                    EXPECT_GT(run.count, 0);
                                    EXPECT_GE(run.first.seq.value(), 0);
                                    EXPECT_GT((run.first.seq + run.count).value(), 0);
                                  }
                                });
}

TEST(ObjectInputsTest, BrokenRulesAreNamed) {
  const auto error_of = [](const std::vector<std::uint64_t>& varints) {
    return testing::decode_error(decode_inputs, packed(varints));
  };
  constexpr std::uint64_t kMax = std::numeric_limits<std::int64_t>::max();
  EXPECT_NE(error_of({1, 2, 7, 0, 1}).find("input level"), std::string::npos);
  EXPECT_NE(error_of({1, 0, 7, kMax + 1, 1}).find("input seq"), std::string::npos);
  EXPECT_NE(error_of({1, 0, 7, kMax, 1}).find("input count"), std::string::npos);
  EXPECT_NE(error_of({1, 0, 7, 0, 0}).find("is zero"), std::string::npos);
  EXPECT_NE(error_of({0, 0}).find("followed by more"), std::string::npos);
}

}  // namespace
}  // namespace streamhouse::segment
