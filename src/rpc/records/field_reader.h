#pragma once
/// \file  FieldReader: walks the fields of one encoded message where it lies. Records are read with
/// it straight into a record batch, without an object for each.

#include <cstdint>
#include <optional>

#include "base/bytes.h"
#include "base/error.h"

namespace streamhouse::rpc {

/// As in the encoding of Protocol Buffers; the groups of old are not served.
enum class WireType : std::uint8_t { kVarint = 0, kFixed64 = 1, kBytes = 2, kFixed32 = 5 };

struct Field {
  std::uint32_t number = 0;
  WireType type = WireType::kVarint;
  std::uint64_t varint = 0;    ///< Of a kVarint.
  base::BytesView bytes = {};  ///< Of a kBytes: string, bytes, or an embedded message.
};

/// Lifetime:  borrows the message; the fields it returns do too.
class FieldReader {
 public:
  explicit FieldReader(base::BytesView message) : rest_(message) {}

  /// The next field, nullopt at the end. Errors: kInvalid.
  base::Result<std::optional<Field>> next();

 private:
  base::BytesView rest_;
};

/// Errors: kInvalid naming `name`, if the field is of another type than the message's definition
/// says, or is text that is no UTF-8.
base::Result<std::int64_t> integer_of(const Field& field, const char* name);
base::Result<base::BytesView> bytes_of(const Field& field, const char* name);
base::Result<std::string_view> text_of(const Field& field, const char* name);

}  // namespace streamhouse::rpc
