#pragma once
/// \file  What every decoder of a packed value must stand, for the tests of each of them.

#include <gtest/gtest.h>

#include "base/varint.h"
#include "segment/packed/packed_reader.h"

namespace streamhouse::segment::testing {

/// A packed value of these varints behind a valid checksum.
inline base::ByteVector packed(const std::vector<std::uint64_t>& varints) {
  base::ByteVector out(kPackedChecksumSize);
  for (const std::uint64_t value : varints) base::append_varint(out, value);
  seal_packed(out);
  return out;
}

/// The text of the error that `decode` answers; a test failure if it answers none, or another code.
template <class Decode>
std::string decode_error(Decode decode, base::BytesView bytes,
                         base::Errc code = base::Errc::kCorrupt) {
  const auto value = decode(bytes);
  EXPECT_FALSE(value.has_value());
  if (value.has_value()) return {};
  EXPECT_EQ(value.error().code, code);
  return value.error().text;
}

/// Cuts `packed` at every length, 0 excepted (an absent value), with its checksum as it was and
/// with one made anew.
template <class Decode>
void expect_truncations_refused(Decode decode, const base::ByteVector& packed) {
  for (std::size_t size = 1; size < packed.size(); ++size) {
    base::ByteVector cut(packed.begin(), packed.begin() + static_cast<std::ptrdiff_t>(size));
    EXPECT_NE(decode_error(decode, cut).find("checksum"), std::string::npos) << size;
    if (size < kPackedChecksumSize) continue;
    seal_packed(cut);
    EXPECT_NE(decode_error(decode, cut).find("cut short"), std::string::npos) << size;
  }
}

/// Flips every bit. Behind a checksum made anew the decoder may take the value for good; then
/// `expect_valid` must.
template <class Decode, class ExpectValid>
void expect_flips_refused(Decode decode, const base::ByteVector& packed, ExpectValid expect_valid) {
  for (std::size_t bit = 0; bit < packed.size() * 8; ++bit) {
    base::ByteVector flipped = packed;
    flipped[bit / 8] ^= static_cast<std::uint8_t>(1u << bit % 8);
    EXPECT_NE(decode_error(decode, flipped).find("checksum"), std::string::npos) << bit;
    if (bit / 8 < kPackedChecksumSize) continue;
    seal_packed(flipped);
    const auto value = decode(flipped);
    if (value.has_value()) expect_valid(*value);
  }
}

}  // namespace streamhouse::segment::testing
