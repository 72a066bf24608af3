#pragma once
/// \file  Records on their way to a client: from record batches straight into the encoded form of
/// ConsumeResponse and DumpSegmentResponse.

#include <cstdint>

#include "base/bytes.h"
#include "model/record.h"

namespace streamhouse::rpc {

/// Bytes of a record's key, value and headers, which `max_bytes` counts.
std::size_t content_size(const model::Record& record);

/// One encoded message in the making. Header keys that are no UTF-8 leave as such with U+FFFD in
/// place of what is malformed: a string of a message must be.
/// Threading: one at a time.
class ConsumedMessage {
 public:
  /// Which field of the message holds the records.
  explicit ConsumedMessage(std::uint32_t records_field) : records_field_(records_field) {}

  void add(const model::Record& record);
  /// Integers and texts of 0 and "" are left out, as proto3 does.
  void add_integer(std::uint32_t field, std::int64_t value);
  void add_text(std::uint32_t field, std::string_view text);

  std::size_t size() const { return bytes_.size(); }
  std::int64_t record_count() const { return record_count_; }
  base::ByteVector take() && { return std::move(bytes_); }

 private:
  std::uint32_t records_field_;
  std::int64_t record_count_ = 0;
  base::ByteVector bytes_;
};

}  // namespace streamhouse::rpc
