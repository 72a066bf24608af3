#pragma once
/// \file  Bytes that are to be shown as text. Pure.

#include <string>
#include <string_view>

namespace streamhouse::cli {

/// Well-formed UTF-8 as RFC 3629 has it: no overlong forms, no surrogates, nothing above U+10FFFF.
bool is_utf8(std::string_view bytes);
/// RFC 4648, with padding.
std::string to_base64(std::string_view bytes);
/// Control characters as \n, \t or \xNN, so that the text stays on one line.
std::string one_line(std::string_view text);

}  // namespace streamhouse::cli
