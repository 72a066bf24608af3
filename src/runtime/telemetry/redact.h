#pragma once
/// \file  Blanks secrets in what is about to be shown.

#include <string>
#include <string_view>

namespace streamhouse::runtime {

/// `text` with `***` for the password of each URL (`scheme://user:password@host`) and the value of
/// each `name=value` whose name contains password, secret or token. Rather blanks too much.
std::string redact(std::string_view text);

/// Whether a field or parameter of this name holds a secret.
bool names_secret(std::string_view name);

}  // namespace streamhouse::runtime
