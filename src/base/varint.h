#pragma once
/// \file  Base-128 varints, as in Protocol Buffers and Kafka's record format: seven bits a byte,
/// least significant group first, high bit = another byte follows; zigzag maps signed to unsigned.

#include <cstdint>
#include <optional>

#include "base/bytes.h"

namespace streamhouse::base {

constexpr std::size_t kVarintBytesMax = 10;

constexpr std::uint64_t zigzag(std::int64_t value) {
  return (static_cast<std::uint64_t>(value) << 1) ^ static_cast<std::uint64_t>(value >> 63);
}
constexpr std::int64_t unzigzag(std::uint64_t value) {
  return static_cast<std::int64_t>(value >> 1) ^ -static_cast<std::int64_t>(value & 1);
}

/// Bytes that the unsigned varint of `value` takes, 1 to 10.
std::size_t varint_size(std::uint64_t value);
/// Writes at most kVarintBytesMax bytes; returns how many.
std::size_t store_varint(std::uint8_t* to, std::uint64_t value);
void append_varint(ByteVector& out, std::uint64_t value);
inline void append_zigzag(ByteVector& out, std::int64_t value) {
  append_varint(out, zigzag(value));
}

/// Takes one unsigned varint off the front of `in`; nullopt (and `in` unchanged) if it is cut
/// short, longer than ten bytes, or does not fit 64 bits.
std::optional<std::uint64_t> take_varint(BytesView& in);
std::optional<std::int64_t> take_zigzag(BytesView& in);
/// Zigzag that must fit 32 bits in at most five bytes (Kafka's "varint"; "varlong" is take_zigzag).
std::optional<std::int32_t> take_zigzag32(BytesView& in);

}  // namespace streamhouse::base
