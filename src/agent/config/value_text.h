#pragma once
/// \file  Values as people write them in flags, environment and file. Pure.

#include <cstdint>
#include <string_view>

#include "base/error.h"
#include "runtime/time.h"

namespace streamhouse::agent {

// Errors, all: kInvalid, saying what was expected.

/// `250ms`, `6s`, `1m`, `2h`.
base::Result<runtime::Duration> parse_duration(std::string_view text);
/// `512B`, `64KiB`, `8MiB`, `1GiB`, in bytes.
base::Result<std::size_t> parse_size(std::string_view text);
/// `true` or `false`.
base::Result<bool> parse_boolean(std::string_view text);
/// Decimal, from `low` to `high`.
base::Result<std::int64_t> parse_integer(std::string_view text, std::int64_t low,
                                         std::int64_t high);

}  // namespace streamhouse::agent
