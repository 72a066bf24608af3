#include "metadata/dynamodb/messages/base64.h"

#include <algorithm>
#include <array>

namespace streamhouse::metadata::dynamodb {
namespace {

constexpr std::string_view kDigits =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::uint8_t kNoDigit = 64;

constexpr std::array<std::uint8_t, 256> values_of_digits() {
  std::array<std::uint8_t, 256> values{};
  values.fill(kNoDigit);
  for (std::size_t i = 0; i < kDigits.size(); ++i)
    values[static_cast<std::uint8_t>(kDigits[i])] = static_cast<std::uint8_t>(i);
  return values;
}
constexpr std::array<std::uint8_t, 256> kValues = values_of_digits();

}  // namespace

std::string to_base64(base::BytesView bytes) {
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t at = 0; at < bytes.size(); at += 3) {
    const std::size_t size = std::min<std::size_t>(3, bytes.size() - at);
    std::uint32_t group = 0;
    for (std::size_t i = 0; i < 3; ++i)
      group = group << 8 | (i < size ? std::uint32_t{bytes[at + i]} : 0u);
    for (std::size_t i = 0; i < 4; ++i)
      text += i <= size ? kDigits[group >> (18 - 6 * i) & 63] : '=';
  }
  return text;
}

std::optional<base::ByteVector> from_base64(std::string_view text) {
  if (text.size() % 4 != 0) return std::nullopt;
  base::ByteVector bytes;
  bytes.reserve(text.size() / 4 * 3);
  for (std::size_t at = 0; at < text.size(); at += 4) {
    std::string_view group = text.substr(at, 4);
    if (at + 4 == text.size())
      for (int i = 0; i < 2 && group.ends_with('='); ++i) group.remove_suffix(1);
    std::uint32_t value = 0;
    for (const char digit : group) {
      const std::uint8_t bits = kValues[static_cast<std::uint8_t>(digit)];
      if (bits == kNoDigit) return std::nullopt;
      value = value << 6 | bits;
    }
    value <<= 6 * (4 - group.size());
    for (std::size_t i = 0; i + 1 < group.size(); ++i)
      bytes.push_back(static_cast<std::uint8_t>(value >> (16 - 8 * i)));
  }
  return bytes;
}

}  // namespace streamhouse::metadata::dynamodb
