#pragma once
/// \file  Frame: a message on its way out. Record sets stay where they are, and the frame keeps
/// them alive until it is sent.

#include <vector>

#include "base/bytes.h"
#include "base/endian.h"
#include "base/varint.h"

namespace streamhouse::wire {

/// Bytes of the length that precedes every message on a connection.
constexpr std::size_t kFrameLengthSize = 4;

/// What to write to the connection, one piece after the other; the length in front is included.
struct Frame {
  std::vector<base::Bytes> pieces;
  std::size_t size() const;
  /// One copy of it all, for what needs it in one run.
  base::ByteVector joined() const;
};

/// Where an encoder writes: everything into one buffer, but for what is attached.
class FrameSink {
 public:
  FrameSink() : buffer_(kFrameLengthSize) {}

  template <std::integral T>
  void fixed(T value) {
    const std::size_t at = buffer_.size();
    buffer_.resize(at + sizeof(T));
    base::store_big(buffer_.data() + at, value);
  }
  void varint(std::uint32_t value) { base::append_varint(buffer_, value); }
  void bytes(base::BytesView bytes) { buffer_.insert(buffer_.end(), bytes.begin(), bytes.end()); }
  void attach(const base::Bytes& bytes);
  /// With its length in front. Requires: size() fits 31 bits.
  Frame take();
  std::size_t size() const { return buffer_.size() + attached_size_; }

 private:
  struct Attached {
    std::size_t position;  ///< In the buffer, before which it stands.
    base::Bytes bytes;
  };
  base::ByteVector buffer_;
  std::vector<Attached> attached_;
  std::size_t attached_size_ = 0;
};

/// Where an encoder writes to learn how much it would write.
class SizeSink {
 public:
  template <std::integral T>
  void fixed(T) {
    size_ += sizeof(T);
  }
  void varint(std::uint32_t value) { size_ += base::varint_size(value); }
  void bytes(base::BytesView bytes) { size_ += bytes.size(); }
  void attach(const base::Bytes& bytes) { size_ += bytes.size(); }
  std::size_t size() const { return size_; }

 private:
  std::size_t size_ = 0;
};

}  // namespace streamhouse::wire
