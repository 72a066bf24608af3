#include "base/varint.h"

#include <algorithm>
#include <bit>
#include <limits>

namespace streamhouse::base {

std::size_t varint_size(std::uint64_t value) {
  return (static_cast<std::size_t>(std::bit_width(value | 1)) + 6) / 7;
}

std::size_t store_varint(std::uint8_t* to, std::uint64_t value) {
  std::size_t size = 0;
  for (; value >= 0x80; value >>= 7) to[size++] = static_cast<std::uint8_t>(value | 0x80);
  to[size++] = static_cast<std::uint8_t>(value);
  return size;
}

void append_varint(ByteVector& out, std::uint64_t value) {
  std::uint8_t bytes[kVarintBytesMax];
  out.insert(out.end(), bytes, bytes + store_varint(bytes, value));
}

std::optional<std::uint64_t> take_varint(BytesView& in) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < in.size() && i < kVarintBytesMax; ++i) {
    const std::uint8_t byte = in[i];
    if (i == kVarintBytesMax - 1 && byte > 1) return std::nullopt;
    value |= static_cast<std::uint64_t>(byte & 0x7f) << (7 * i);
    if (byte < 0x80) {
      in = in.subspan(i + 1);
      return value;
    }
  }
  return std::nullopt;
}

std::optional<std::int64_t> take_zigzag(BytesView& in) {
  const auto raw = take_varint(in);
  if (!raw) return std::nullopt;
  return unzigzag(*raw);
}

std::optional<std::int32_t> take_zigzag32(BytesView& in) {
  BytesView rest = in.first(std::min<std::size_t>(in.size(), 5));
  const auto raw = take_varint(rest);
  if (!raw || *raw > std::numeric_limits<std::uint32_t>::max()) return std::nullopt;
  in = in.subspan(std::min<std::size_t>(in.size(), 5) - rest.size());
  return static_cast<std::int32_t>(unzigzag(*raw));
}

}  // namespace streamhouse::base
