#pragma once
/// \file  Fixed-width integers in byte buffers: big-endian (Kafka's formats) and little-endian
/// (ours).

#include <bit>
#include <concepts>
#include <cstdint>
#include <cstring>

namespace streamhouse::base {

/// Requires: sizeof(T) readable bytes at `from`; no alignment needed.
template <std::integral T>
T load_big(const std::uint8_t* from) {
  T value;
  std::memcpy(&value, from, sizeof(T));
  if constexpr (std::endian::native == std::endian::little) value = std::byteswap(value);
  return value;
}

template <std::integral T>
void store_big(std::uint8_t* to, T value) {
  if constexpr (std::endian::native == std::endian::little) value = std::byteswap(value);
  std::memcpy(to, &value, sizeof(T));
}

template <std::integral T>
T load_little(const std::uint8_t* from) {
  T value;
  std::memcpy(&value, from, sizeof(T));
  if constexpr (std::endian::native == std::endian::big) value = std::byteswap(value);
  return value;
}

template <std::integral T>
void store_little(std::uint8_t* to, T value) {
  if constexpr (std::endian::native == std::endian::big) value = std::byteswap(value);
  std::memcpy(to, &value, sizeof(T));
}

}  // namespace streamhouse::base
