#include "wire/codec/reader.h"

namespace streamhouse::wire {
namespace {

constexpr std::size_t kVarint32BytesMax = 5;

}  // namespace

void FrameReader::fail(const char* fault) {
  if (fault_ == nullptr) fault_ = fault;
  rest_ = {};
}

std::uint32_t FrameReader::varint() {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < rest_.size() && i < kVarint32BytesMax; ++i) {
    const std::uint8_t byte = rest_[i];
    if (i == kVarint32BytesMax - 1 && byte > 0x0f) break;
    value |= static_cast<std::uint32_t>(byte & 0x7f) << (7 * i);
    if (byte < 0x80) {
      rest_ = rest_.subspan(i + 1);
      return value;
    }
  }
  fail(rest_.size() < kVarint32BytesMax ? "cut short" : "a varint of more than 32 bits");
  return 0;
}

base::BytesView FrameReader::bytes(std::size_t size) {
  if (size > rest_.size()) {
    fail("cut short");
    return {};
  }
  const base::BytesView taken = rest_.first(size);
  rest_ = rest_.subspan(size);
  return taken;
}

base::BytesView FrameReader::narrow(std::size_t size) {
  if (size > rest_.size()) {
    fail("cut short");
    return {};
  }
  const base::BytesView behind = rest_.subspan(size);
  rest_ = rest_.first(size);
  return behind;
}

void FrameReader::release(base::BytesView behind) {
  if (!ok()) return;
  if (!rest_.empty()) return fail("longer than its content");
  rest_ = behind;
}

}  // namespace streamhouse::wire
