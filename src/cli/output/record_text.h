#pragma once
/// \file  A record as the line that `consume` and `segment dump` print for it.

#include <cstdint>
#include <string>

#include "cli/commands.h"

namespace streamhouse::v1 {
class ConsumedRecord;
}

namespace streamhouse::cli {

/// The raw value and LF; with a separator the key and the separator before it. Null is empty.
std::string record_text(const v1::ConsumedRecord& record, const std::string& key_separator);

/// Columns of a fixed width, so that a long dump needs no memory; `-` stands for null.
std::string dump_header();
std::string dump_text(const v1::ConsumedRecord& record);

}  // namespace streamhouse::cli
