#pragma once
/// \file  Base64 (RFC 4648, section 4), as DynamoDB's messages carry bytes.

#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"

namespace streamhouse::metadata::dynamodb {

std::string to_base64(base::BytesView bytes);
/// nullopt unless `text` is padded base64 without anything else in it.
std::optional<base::ByteVector> from_base64(std::string_view text);

}  // namespace streamhouse::metadata::dynamodb
