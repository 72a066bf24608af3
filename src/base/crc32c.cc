#include "base/crc32c.h"

#include <isa-l/crc.h>

#include <algorithm>
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

/// a * b modulo the polynomial; bit 31 is the coefficient of x^0.
constexpr std::uint32_t multiply(std::uint32_t a, std::uint32_t b) {
  std::uint32_t product = 0;
  for (int bit = 0; bit < 32; ++bit) {
    product ^= b & (0 - (a >> 31));
    a <<= 1;
    b = (b >> 1) ^ (kPolynomialReflected & (0 - (b & 1)));
  }
  return product;
}

constexpr std::uint32_t kOne = 0x80000000;
constexpr std::uint32_t kXToThe8 = 0x00800000;
constexpr int kLengthBytes = 4;

/// [i][n] is x^(8 n 256^i): what n * 256^i zero bytes do to a CRC that stands before them.
constexpr std::array<std::array<std::uint32_t, 256>, kLengthBytes> make_shifts() {
  std::array<std::array<std::uint32_t, 256>, kLengthBytes> shifts{};
  std::uint32_t step = kXToThe8;
  for (auto& row : shifts) {
    row[0] = kOne;
    for (std::size_t n = 1; n < row.size(); ++n) row[n] = multiply(row[n - 1], step);
    step = multiply(row[255], step);
  }
  return shifts;
}

constexpr auto kShifts = make_shifts();

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

// A CRC is linear: a || b is a || zeros of b's length, plus b. The inversions at both ends cancel.
std::uint32_t crc32c_joined(std::uint32_t crc_a, std::uint32_t crc_b, std::uint32_t length_b) {
  for (std::size_t i = 0; i < kLengthBytes; ++i) {
    const std::uint32_t count = (length_b >> (8 * i)) & 0xff;
    if (count != 0) crc_a = multiply(kShifts[i][count], crc_a);
  }
  return crc_a ^ crc_b;
}

}  // namespace streamhouse::base
