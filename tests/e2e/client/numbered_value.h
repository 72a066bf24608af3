#pragma once
/// \file  Values of records that tell which record they are, and whether they are whole.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace streamhouse::e2e {

/// The fixed part of a value: two numbers of 16 hexadecimal digits.
constexpr std::size_t kValueBytesMin = 32;

/// The value of record `number`: `bytes` long, at least kValueBytesMin, and another one for each
/// number. That of an even number does not compress, that of an odd one does.
std::string numbered_value(std::uint64_t number, std::size_t bytes);

/// nullopt if numbered_value() never answered exactly this.
std::optional<std::uint64_t> number_of(std::string_view value);

}  // namespace streamhouse::e2e
