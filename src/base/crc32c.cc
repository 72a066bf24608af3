#include "base/crc32c.h"

#include <isa-l/crc.h>

#include <array>
#include <climits>

namespace streamhouse::base {
namespace {

constexpr std::uint32_t kPolynomialReflected = 0x82f63b78;

constexpr std::array<std::uint32_t, 256> make_table() {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t i = 0; i < 256; ++i) {
    std::uint32_t crc = i;
    for (int bit = 0; bit < 8; ++bit)
      crc = (crc >> 1) ^ ((crc & 1) != 0 ? kPolynomialReflected : 0);
    table[i] = crc;
  }
  return table;
}

constexpr auto kTable = make_table();

}  // namespace

std::uint32_t crc32c(BytesView bytes, std::uint32_t crc) {
  while (!bytes.empty()) {  // ISA-L takes an int length
    const std::size_t size = std::min<std::size_t>(bytes.size(), INT_MAX);
    auto* data = const_cast<unsigned char*>(bytes.data());  // its signature lacks the const
    crc = ~crc32_iscsi(data, static_cast<int>(size), ~crc);
    bytes = bytes.subspan(size);
  }
  return crc;
}

std::uint32_t crc32c_table(BytesView bytes, std::uint32_t crc) {
  crc = ~crc;
  for (const std::uint8_t byte : bytes) crc = (crc >> 8) ^ kTable[(crc ^ byte) & 0xff];
  return ~crc;
}

}  // namespace streamhouse::base
