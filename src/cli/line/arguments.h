#pragma once
/// \file  The forms that single words of the command line take. Pure; every error is kInvalid and
/// quotes the word.

#include <chrono>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <utility>

#include "base/error.h"
#include "cli/commands.h"

namespace streamhouse::cli {

constexpr auto kLargest = std::numeric_limits<std::int64_t>::max();

/// Decimal digits, with `-` before them where min is negative. No other base, sign, space or
/// suffix.
base::Result<std::int64_t> parse_integer(std::string_view text, std::int64_t min, std::int64_t max);
/// `250ms`, `6s`, `1m`; more than zero.
base::Result<std::chrono::milliseconds> parse_duration(std::string_view text);
/// `key=value`, cut at the first `=`; the key is not empty.
base::Result<std::pair<std::string, std::string>> parse_key_value(std::string_view text);
/// `N`, `earliest`, `latest` or `@MS`.
base::Result<StartOffset> parse_start_offset(std::string_view text);
/// `host:port`, port 1..65535; an IPv6 address in brackets.
base::Result<std::string> parse_address(std::string_view text);
/// Milliseconds, or `none` = -1.
base::Result<std::int64_t> parse_retention(std::string_view text);

}  // namespace streamhouse::cli
