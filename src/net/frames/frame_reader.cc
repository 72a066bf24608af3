#include "net/frames/frame_reader.h"

#include <algorithm>
#include <cstring>
#include <string>

#include "base/check.h"
#include "base/endian.h"

namespace streamhouse::net {

base::MutableBytesView FrameReader::space() const {
  return {buffer_.get() + received_, capacity_ - received_};
}

void FrameReader::filled(std::size_t size, std::vector<Frame>& complete) {
  SH_CHECK(size <= capacity_ - received_, "bytes are put into the space of their frame");
  received_ += size;
  if (size == 0 || received_ < capacity_) return;
  if (received_ < size_) {
    grow();
  } else {
    finish_frame(complete);
  }
}

base::Status FrameReader::take(base::BytesView bytes, std::vector<Frame>& complete) {
  while (!bytes.empty()) {
    if (length_size_ < length_.size()) {
      length_[length_size_++] = bytes.front();
      bytes = bytes.subspan(1);
      if (length_size_ == length_.size()) SH_TRY_OK(begin_frame());
      if (length_size_ == length_.size() && size_ == 0) finish_frame(complete);
      continue;
    }
    const std::size_t fitting = std::min(bytes.size(), space().size());
    std::memcpy(space().data(), bytes.data(), fitting);
    bytes = bytes.subspan(fitting);
    filled(fitting, complete);
  }
  return {};
}

base::Status FrameReader::begin_frame() {
  const auto length = base::load_big<std::int32_t>(length_.data());
  if (length < 0 || static_cast<std::size_t>(length) > frame_bytes_max_) {
    return {base::Errc::kInvalid, "a frame of " + std::to_string(length) + " bytes; at most " +
                                      std::to_string(frame_bytes_max_) + " are taken"};
  }
  size_ = static_cast<std::size_t>(length);
  capacity_ = std::min(size_, kFirstBytes);
  buffer_ = std::make_shared_for_overwrite<std::uint8_t[]>(capacity_);
  received_ = 0;
  return {};
}

void FrameReader::grow() {
  auto whole = std::make_shared_for_overwrite<std::uint8_t[]>(size_);
  std::memcpy(whole.get(), buffer_.get(), received_);
  buffer_ = std::move(whole);
  capacity_ = size_;
}

void FrameReader::finish_frame(std::vector<Frame>& complete) {
  const base::MutableBytesView bytes(buffer_.get(), size_);
  complete.push_back({.owner = std::move(buffer_), .bytes = bytes});
  buffer_ = nullptr;
  length_size_ = size_ = capacity_ = received_ = 0;
}

}  // namespace streamhouse::net
