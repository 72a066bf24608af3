#pragma once
/// \file  Frame: a message on its way out. Record sets stay where they are, and the frame keeps
/// them alive until it is sent.

#include <cstring>
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
  template <std::integral T>
  void fixed(T value) {
    base::store_big(room(sizeof(T)), value);
    filled_ += sizeof(T);
  }
  void varint(std::uint32_t value) {
    filled_ += base::store_varint(room(base::kVarintBytesMax), value);
  }
  void bytes(base::BytesView bytes) {
    if (bytes.empty()) return;
    std::memcpy(room(bytes.size()), bytes.data(), bytes.size());
    filled_ += bytes.size();
  }
  void attach(const base::Bytes& bytes);
  /// With its length in front. Requires: size() fits 31 bits.
  Frame take();
  std::size_t size() const { return filled_ + attached_size_; }

 private:
  static constexpr std::size_t kFirstRoom = 256;
  struct Attached {
    std::size_t position;  ///< In the buffer, before which it stands.
    base::Bytes bytes;
  };

  /// Where the next bytes go; there is room for so many.
  std::uint8_t* room(std::size_t size) {
    if (size > buffer_.size() - filled_) grow(size);
    return buffer_.data() + filled_;
  }
  void grow(std::size_t size);

  base::ByteVector buffer_ = base::ByteVector(kFirstRoom);  ///< Longer than what is filled.
  std::size_t filled_ = kFrameLengthSize;
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
