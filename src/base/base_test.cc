// Goal: the primitives that everything rests on behave exactly as their headers say.
// Method: known answers, boundaries, and one implementation checked against another.
#include <gtest/gtest.h>

#include <limits>
#include <random>

#include "base/bytes.h"
#include "base/crc32c.h"
#include "base/endian.h"
#include "base/error.h"
#include "base/hex.h"
#include "base/strong.h"
#include "base/varint.h"

namespace streamhouse::base {
namespace {

TEST(Crc32cTest, HasTheCheckValueOfTheStandard) {
  EXPECT_EQ(crc32c(as_bytes("123456789")), 0xe3069283u);
  EXPECT_EQ(crc32c_table(as_bytes("123456789")), 0xe3069283u);
  EXPECT_EQ(crc32c({}), 0u);
}

TEST(Crc32cTest, JoinsToThatOfTheWholeAtEveryLength) {
  ByteVector bytes(70'000);
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::uint8_t>(i * i >> 3);
  const BytesView all(bytes);
  const std::uint32_t front = crc32c(all.first(123));
  for (std::size_t size = 0; size <= all.size() - 123; size += 1 + size / 50) {
    const auto length = static_cast<std::uint32_t>(size);
    ASSERT_EQ(crc32c_joined(front, crc32c(all.subspan(123, size)), length),
              crc32c(all.first(123 + size)))
        << size;
  }
  EXPECT_EQ(crc32c_joined(0, crc32c(all), 70'000), crc32c(all));
}

TEST(Crc32cTest, JoinsOverLengthsOfAllFourBytes) {
  const ByteVector zeros((std::size_t{1} << 24) + 0x030201);
  const std::uint32_t front = crc32c(as_bytes("front"));
  EXPECT_EQ(crc32c_joined(front, crc32c(zeros), static_cast<std::uint32_t>(zeros.size())),
            crc32c(zeros, front));
}

TEST(Crc32cTest, HardwareAgreesWithTheTableAtEveryLengthAndAlignment) {
  std::mt19937 random(1);
  ByteVector bytes(600);
  for (auto& byte : bytes) byte = static_cast<std::uint8_t>(random());
  for (std::size_t start = 0; start < 17; ++start)
    for (std::size_t size = 0; start + size <= bytes.size(); size += 1 + size / 9) {
      const auto part = BytesView(bytes).subspan(start, size);
      ASSERT_EQ(crc32c(part), crc32c_table(part)) << start << "+" << size;
      const auto half = size / 2;
      ASSERT_EQ(crc32c(part.subspan(half), crc32c(part.first(half))), crc32c(part));
    }
}

TEST(VarintTest, RoundTripsEveryWidth) {
  for (int bits = 0; bits <= 64; ++bits) {
    for (const std::uint64_t delta : {0u, 1u}) {
      const std::uint64_t value = (bits == 64 ? 0 : std::uint64_t{1} << bits) - delta;
      ByteVector out;
      append_varint(out, value);
      EXPECT_EQ(out.size(), varint_size(value));
      BytesView in(out);
      EXPECT_EQ(take_varint(in), value);
      EXPECT_TRUE(in.empty());
      for (std::size_t cut = 0; cut < out.size(); ++cut) {
        BytesView prefix = BytesView(out).first(cut);
        EXPECT_EQ(take_varint(prefix), std::nullopt);
      }
    }
  }
}

TEST(VarintTest, RefusesWhatDoesNotFit) {
  const ByteVector eleven(11, 0x80);
  BytesView in(eleven);
  EXPECT_EQ(take_varint(in), std::nullopt);
  ByteVector out;
  append_zigzag(out, std::int64_t{std::numeric_limits<std::int32_t>::max()} + 1);
  in = out;
  EXPECT_EQ(take_zigzag32(in), std::nullopt);
  EXPECT_EQ(in.size(), out.size());
}

TEST(VarintTest, ZigzagKeepsSmallMagnitudesSmall) {
  EXPECT_EQ(zigzag(0), 0u);
  EXPECT_EQ(zigzag(-1), 1u);
  EXPECT_EQ(zigzag(1), 2u);
  for (const std::int64_t value : {std::numeric_limits<std::int64_t>::min(), std::int64_t{-7},
                                   std::numeric_limits<std::int64_t>::max()}) {
    EXPECT_EQ(unzigzag(zigzag(value)), value);
  }
  ByteVector out;
  append_zigzag(out, std::numeric_limits<std::int32_t>::min());
  append_zigzag(out, -3);
  BytesView in(out);
  EXPECT_EQ(take_zigzag32(in), std::numeric_limits<std::int32_t>::min());
  EXPECT_EQ(take_zigzag32(in), -3);
  EXPECT_TRUE(in.empty());
}

TEST(EndianTest, StoresInTheNamedOrder) {
  std::uint8_t bytes[4];
  store_big<std::int32_t>(bytes, 0x01020304);
  EXPECT_EQ(bytes[0], 1);
  EXPECT_EQ(load_big<std::int32_t>(bytes), 0x01020304);
  EXPECT_EQ(load_little<std::uint32_t>(bytes), 0x04030201u);
}

TEST(HexTest, RoundTripsSixtyFourBits) {
  EXPECT_EQ(to_hex(std::uint64_t{0xabc}), "0000000000000abc");
  EXPECT_EQ(parse_hex64("0000000000000abc"), 0xabcu);
  EXPECT_EQ(parse_hex64("abc"), std::nullopt);
  EXPECT_EQ(parse_hex64("000000000000000g"), std::nullopt);
}

TEST(BytesTest, SlicesShareTheBuffer) {
  const Bytes whole(std::string("hello world"));
  const Bytes part = whole.slice(6, 5);
  EXPECT_EQ(as_text(part), "world");
  EXPECT_EQ(part.data(), whole.data() + 6);
  EXPECT_EQ(part, Bytes::copy_of(as_bytes("world")));
}

TEST(StrongTest, PositionsHaveDistances) {
  using P = Position<struct Line, std::int64_t>;
  EXPECT_EQ(P(7) - P(5), 2);
  EXPECT_EQ(P(5) + 2, P(7));
  EXPECT_LT(P(5), P(7));
}

TEST(ResultTest, TryReturnsTheError) {
  const auto inner = []() -> Result<int> { return {Errc::kInvalid, "no"}; };
  const auto outer = [&]() -> Result<int> {
    SH_TRY(const int value, inner());
    return value + 1;
  };
  ASSERT_FALSE(outer());
  EXPECT_EQ(to_string(outer().error()), "invalid: no");
}

}  // namespace
}  // namespace streamhouse::base
