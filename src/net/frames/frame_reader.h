#pragma once
/// \file  FrameReader: cuts a stream of bytes into frames. A frame is a 4-byte big-endian signed
/// length and so many bytes, as in Kafka's protocol.

#include <array>
#include <memory>
#include <vector>

#include "base/bytes.h"
#include "base/error.h"

namespace streamhouse::net {

/// The bytes of one frame, without the length. Nobody else sees them: a holder may change them.
struct Frame {
  std::shared_ptr<std::uint8_t[]> owner;
  base::MutableBytesView bytes;
  /// Its share in what a server takes in at once, given back with the last copy.
  std::shared_ptr<const void> share = {};
};

/// Memory: a frame's is taken in two steps, so that a length alone costs at most kFirstBytes.
/// Threading: none of its own.
class FrameReader {
 public:
  static constexpr std::size_t kFirstBytes = 1u << 20;

  explicit FrameReader(std::size_t frame_bytes_max) : frame_bytes_max_(frame_bytes_max) {}

  /// Where the next bytes of the frame that has begun may be put; empty if none has.
  base::MutableBytesView space() const;
  /// The first `size` bytes of space() have been filled in. Appends the frame if it is complete.
  void filled(std::size_t size, std::vector<Frame>& complete);
  /// Takes in what follows all that was taken before. Appends complete frames.
  /// Errors: kInvalid for a length that is negative or above the maximum: no more can be read.
  base::Status take(base::BytesView bytes, std::vector<Frame>& complete);

  /// Whether a frame, or its length, has begun and is not complete.
  bool in_frame() const { return length_size_ > 0; }
  /// Memory of the frame that is not complete.
  std::size_t held_bytes() const { return capacity_; }

 private:
  base::Status begin_frame();
  void grow();
  void finish_frame(std::vector<Frame>& complete);

  std::size_t frame_bytes_max_;
  std::array<std::uint8_t, 4> length_{};
  std::size_t length_size_ = 0;  ///< How much of `length_` has come.
  std::shared_ptr<std::uint8_t[]> buffer_;
  std::size_t size_ = 0;      ///< Of the frame.
  std::size_t capacity_ = 0;  ///< Of `buffer_`.
  std::size_t received_ = 0;
};

}  // namespace streamhouse::net
