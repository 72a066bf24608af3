#pragma once
/// \file  Contents that tell of which object they are, and whether they are whole.

#include <string>

#include "base/bytes.h"
#include "objectstore/object_store.h"
#include "runtime/random.h"

namespace streamhouse::tests {

/// `size` bytes that depend on every byte of `key` and on their own place.
inline std::string patterned_text(const std::string& key, std::size_t size) {
  std::uint64_t seed = size;
  for (const char c : key) seed = seed * 131 + static_cast<unsigned char>(c);
  runtime::Random random(seed);
  std::string text(size, '\0');
  for (auto& c : text) c = static_cast<char>(random.next());
  return text;
}

/// `text` cut into pieces of at most `piece` bytes.
inline objectstore::Chunks chunks_of(const std::string& text, std::size_t piece) {
  objectstore::Chunks chunks;
  for (std::size_t start = 0; start < text.size(); start += piece)
    chunks.emplace_back(text.substr(start, piece));
  return chunks;
}

}  // namespace streamhouse::tests
