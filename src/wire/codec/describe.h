#pragma once
/// \file  What a message consists of, as rows of text: for tests, documents and programs.

#include <string>
#include <vector>

#include "wire/codec/type.h"

namespace streamhouse::wire {

/// One field of a message. Empty: does not apply.
struct FieldRow {
  std::string path;      ///< `Topics[].Partitions[].ErrorCode`
  std::string type;      ///< `int16`, `[]string`, `struct`, `[]struct`, `records`, ...
  std::string versions;  ///< Of the message: `3+`
  std::string nullable;
  std::string tag;
  std::string default_value;  ///< Where it is not 0, false or empty: a number, `true`, `null`
};

/// In the order in which the fields are written; members follow their struct.
std::vector<FieldRow> describe(const Type& message);

/// How deep structs and arrays of structs nest in a message: 1 without any.
std::size_t nesting(const Type& message);

}  // namespace streamhouse::wire
