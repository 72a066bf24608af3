#pragma once
/// \file  Lower-case hexadecimal, for session ids, object keys and error texts.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"

namespace streamhouse::base {

std::string to_hex(BytesView bytes);
/// Sixteen digits.
std::string to_hex(std::uint64_t value);
/// nullopt unless `text` is exactly sixteen lower- or upper-case digits.
std::optional<std::uint64_t> parse_hex64(std::string_view text);

}  // namespace streamhouse::base
