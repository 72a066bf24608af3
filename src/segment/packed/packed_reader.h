#pragma once
/// \file  Reads the packed formats of this folder (varint after varint, behind one checksum) so
/// that any input gives values or one error that says where; the decoders carry no other bounds
/// checks.

#include <algorithm>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/error.h"

namespace streamhouse::segment {

/// Bytes of the CRC-32C (little-endian) that a packed value begins with. It stands in front so that
/// a checksum over a larger thing that holds the value still depends on every byte of the value.
constexpr std::size_t kPackedChecksumSize = 4;

/// Overwrites the first kPackedChecksumSize bytes of `packed` with the CRC-32C of the others.
void seal_packed(base::ByteVector& packed);

/// Lifetime: borrows the bytes and every text it is given.
/// Invariant: after the first failure every read answers 0 and the error stays the first one.
class PackedReader {
 public:
  /// `what` names the value in errors: `span table`. A wrong checksum is the first failure.
  PackedReader(std::string_view what, base::BytesView packed);

  /// Reads the format version. Errors: kUnsupported if it is not `version`.
  void expect_version(std::uint64_t version);
  std::uint64_t varint(std::string_view field,
                       std::uint64_t max = std::numeric_limits<std::uint64_t>::max()) {
    // Most fields are one byte; after a failure there are no bytes left.
    if (!rest_.empty() && rest_[0] < 0x80 && rest_[0] <= max) {
      const std::uint8_t value = rest_[0];
      rest_ = rest_.subspan(1);
      return value;
    }
    return long_varint(field, max);
  }
  std::int64_t zigzag(std::string_view field);
  /// An unsigned varint that must fit T and not be below 0 as T.
  template <class T>
  T unsigned_as(std::string_view field) {
    return static_cast<T>(varint(field, static_cast<std::uint64_t>(std::numeric_limits<T>::max())));
  }
  /// Empty if fewer than `size` bytes are left.
  base::BytesView take(std::uint64_t size, std::string_view field);
  /// Fails unless every byte was read.
  void expect_end();

  void fail(std::string_view field, std::string_view why) {
    fail(base::Errc::kCorrupt, field, why);
  }
  /// Of the next byte to read, from the beginning of the packed value. Requires: ok().
  std::size_t position() const { return all_.size() - rest_.size(); }
  /// How many of `count` items of at least `size` bytes each may be there: what to reserve for.
  std::size_t plausible(std::uint64_t count, std::size_t size) const {
    return static_cast<std::size_t>(std::min<std::uint64_t>(count, rest_.size() / size));
  }
  bool ok() const { return error_.text.empty(); }
  const base::Error& error() const { return error_; }

 private:
  std::uint64_t long_varint(std::string_view field, std::uint64_t max);
  void fail(base::Errc code, std::string_view field, std::string_view why);

  std::string_view what_;
  base::BytesView all_;
  base::BytesView rest_;
  base::Error error_;
};

}  // namespace streamhouse::segment
