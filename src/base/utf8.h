#pragma once
/// \file  Text as others insist on it: what leaves as a string must be well-formed UTF-8 (RFC 3629:
/// no overlong forms, no surrogates, nothing above U+10FFFF).

#include <string>
#include <string_view>

namespace streamhouse::base {

bool is_utf8(std::string_view text);
/// `text` with each byte that does not belong to a well-formed character replaced by U+FFFD.
std::string to_utf8(std::string_view text);

}  // namespace streamhouse::base
