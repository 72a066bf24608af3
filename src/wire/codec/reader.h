#pragma once
/// \file  FrameReader: the one place where the bytes of a frame are read, each read behind a bound.

#include <bit>
#include <cstdint>
#include <cstring>

#include "base/bytes.h"
#include "base/endian.h"

namespace streamhouse::wire {

/// Takes primitive values off the front of a byte range. The first read that does not fit makes it
/// fail: from then on it is at its end, and every read answers 0 or nothing.
class FrameReader {
 public:
  explicit FrameReader(base::BytesView bytes) : rest_(bytes) {}

  bool ok() const { return fault_ == nullptr; }
  /// What was wrong, for a sentence "... is <fault>"; nullptr while ok.
  const char* fault() const { return fault_; }
  void fail(const char* fault);

  std::size_t left() const { return rest_.size(); }
  base::BytesView rest() const { return rest_; }

  /// A big-endian integer.
  template <std::integral T>
  T fixed() {
    const base::BytesView from = bytes(sizeof(T));
    return from.empty() ? T{0} : base::load_big<T>(from.data());
  }
  /// An unsigned varint of at most 32 bits in at most five bytes.
  std::uint32_t varint();
  base::BytesView bytes(std::size_t size);

  /// Until release() only the next `size` bytes are there; answers what release() wants back.
  base::BytesView narrow(std::size_t size);
  void release(base::BytesView behind);

 private:
  base::BytesView rest_;
  const char* fault_ = nullptr;
};

}  // namespace streamhouse::wire
