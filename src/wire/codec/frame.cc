#include "wire/codec/frame.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "base/check.h"

namespace streamhouse::wire {

std::size_t Frame::size() const {
  std::size_t size = 0;
  for (const base::Bytes& piece : pieces) size += piece.size();
  return size;
}

base::ByteVector Frame::joined() const {
  base::ByteVector joined;
  joined.reserve(size());
  for (const base::Bytes& piece : pieces)
    joined.insert(joined.end(), piece.view().begin(), piece.view().end());
  return joined;
}

void FrameSink::attach(const base::Bytes& bytes) {
  if (bytes.empty()) return;
  attached_.push_back({.position = filled_, .bytes = bytes});
  attached_size_ += bytes.size();
}

void FrameSink::grow(std::size_t size) {
  buffer_.resize(std::max(2 * buffer_.size(), filled_ + size));
}

Frame FrameSink::take() {
  const std::size_t length = size() - kFrameLengthSize;
  SH_CHECK(length <= std::numeric_limits<std::int32_t>::max(), "a frame's length has 31 bits");
  base::store_big(buffer_.data(), static_cast<std::int32_t>(length));
  buffer_.resize(filled_);
  const base::Bytes buffer(std::move(buffer_));
  Frame frame;
  frame.pieces.reserve(2 * attached_.size() + 1);
  std::size_t position = 0;
  for (Attached& attached : attached_) {
    if (attached.position > position)
      frame.pieces.push_back(buffer.slice(position, attached.position - position));
    frame.pieces.push_back(std::move(attached.bytes));
    position = attached.position;
  }
  if (buffer.size() > position)
    frame.pieces.push_back(buffer.slice(position, buffer.size() - position));
  return frame;
}

}  // namespace streamhouse::wire
