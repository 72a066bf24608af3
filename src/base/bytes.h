#pragma once
/// \file  Byte ranges: BytesView borrows, Bytes shares ownership of an immutable buffer, so that a
/// batch travels from the socket to the object without a copy.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace streamhouse::base {

using BytesView = std::span<const std::uint8_t>;
using MutableBytesView = std::span<std::uint8_t>;
using ByteVector = std::vector<std::uint8_t>;

/// Bytes [position, position + length) of something larger.
struct ByteRange {
  std::uint64_t position = 0;
  std::uint64_t length = 0;
  std::uint64_t end() const { return position + length; }
  friend bool operator==(const ByteRange&, const ByteRange&) = default;
};

inline BytesView as_bytes(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}
inline std::string_view as_text(BytesView bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}
inline std::string to_string(BytesView bytes) { return std::string(as_text(bytes)); }
inline ByteVector to_vector(BytesView bytes) { return {bytes.begin(), bytes.end()}; }
bool equal(BytesView a, BytesView b);

/// A slice of a reference-counted buffer that nobody changes any more.
/// Threading: immutable, any thread; copies cost one reference count.
class Bytes {
 public:
  Bytes() = default;
  /// Takes over the vector's storage, no copy.
  explicit Bytes(ByteVector&& bytes);
  /// Takes over the string's storage, no copy.
  explicit Bytes(std::string&& text);
  /// A view kept alive by `owner`.
  Bytes(std::shared_ptr<const void> owner, BytesView view)
      : owner_(std::move(owner)), view_(view) {}
  static Bytes copy_of(BytesView bytes) { return Bytes(ByteVector(bytes.begin(), bytes.end())); }

  BytesView view() const { return view_; }
  operator BytesView() const { return view_; }
  const std::uint8_t* data() const { return view_.data(); }
  std::size_t size() const { return view_.size(); }
  bool empty() const { return view_.empty(); }
  /// Requires: position + length <= size().
  Bytes slice(std::size_t position, std::size_t length) const;
  friend bool operator==(const Bytes& a, const Bytes& b) { return equal(a, b); }

 private:
  std::shared_ptr<const void> owner_;
  BytesView view_;
};

}  // namespace streamhouse::base
