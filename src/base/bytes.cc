#include "base/bytes.h"

#include <cstring>
#include <utility>

#include "base/check.h"

namespace streamhouse::base {

bool equal(BytesView a, BytesView b) {
  return a.size() == b.size() && (a.empty() || std::memcmp(a.data(), b.data(), a.size()) == 0);
}

Bytes::Bytes(ByteVector&& bytes) {
  auto owner = std::make_shared<const ByteVector>(std::move(bytes));
  view_ = BytesView(*owner);
  owner_ = std::move(owner);
}

Bytes::Bytes(std::string&& text) {
  auto owner = std::make_shared<const std::string>(std::move(text));
  view_ = as_bytes(*owner);
  owner_ = std::move(owner);
}

Bytes Bytes::slice(std::size_t position, std::size_t length) const {
  SH_CHECK(position <= size() && length <= size() - position, "slice within the buffer");
  return Bytes(owner_, view_.subspan(position, length));
}

}  // namespace streamhouse::base
