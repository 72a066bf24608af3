#pragma once
/// \file  CRC-32C (Castagnoli, RFC 3720 appendix B.4), as Kafka's batches and our objects use it.

#include <cstdint>

#include "base/bytes.h"

namespace streamhouse::base {

/// CRC-32C of `bytes`, or of what came before and `bytes` if `crc` is the CRC of what came before.
/// Hardware where there is some (ISA-L); crc32c_table is the plain version it is checked against.
std::uint32_t crc32c(BytesView bytes, std::uint32_t crc = 0);
std::uint32_t crc32c_table(BytesView bytes, std::uint32_t crc = 0);

/// CRC-32C of a || b, from that of `a`, that of `b`, and the length of `b`; neither is read again.
/// Cost: up to four steps of some 40 ns.
std::uint32_t crc32c_joined(std::uint32_t crc_a, std::uint32_t crc_b, std::uint32_t length_b);

}  // namespace streamhouse::base
