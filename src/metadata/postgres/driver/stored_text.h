#pragma once
/// \file  Texts with zero bytes, which PostgreSQL keeps in no column of type text.

#include <string>
#include <string_view>

namespace streamhouse::metadata::postgres {

/// A zero byte becomes U+FDD0 and `0`; U+FDD0 itself, a code point that is set aside for no
/// character, becomes two of it. All else stays, so that people can read it.
std::string to_stored_text(std::string_view text);
std::string from_stored_text(std::string_view stored);

}  // namespace streamhouse::metadata::postgres
