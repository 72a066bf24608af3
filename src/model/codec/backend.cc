#include "model/codec/backend.h"

#include <algorithm>

namespace streamhouse::model::codec_backend {

OutputBuffer::OutputBuffer(std::size_t size_guess, std::size_t size_max)
    : size_max_(size_max),
      capacity_(std::min(size_guess, size_max)),
      data_(std::make_shared_for_overwrite<std::uint8_t[]>(capacity_)) {}

base::MutableBytesView OutputBuffer::room() {
  if (used_ == capacity_ && !grow()) return {&beyond_, 1};
  return {data_.get() + used_, capacity_ - used_};
}

base::Status OutputBuffer::commit(std::size_t count) {
  if (count > capacity_ - used_) return exceeded();
  used_ += count;
  return {};
}

base::Status OutputBuffer::grow() {
  if (capacity_ == size_max_) return exceeded();
  const std::size_t capacity = capacity_ > size_max_ / 2 ? size_max_ : 2 * capacity_;
  auto larger = std::make_shared_for_overwrite<std::uint8_t[]>(capacity);
  std::copy_n(data_.get(), used_, larger.get());
  data_ = std::move(larger);
  capacity_ = capacity;
  return {};
}

base::Error OutputBuffer::exceeded() const {
  return base::make_error(base::Errc::kTooLarge, "records decompress to more than " +
                                                     std::to_string(size_max_) + " bytes");
}

}  // namespace streamhouse::model::codec_backend
