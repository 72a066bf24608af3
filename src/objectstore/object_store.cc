#include "objectstore/object_store.h"

#include <utility>

namespace streamhouse::objectstore {

std::uint64_t total_size(const Chunks& chunks) {
  std::uint64_t size = 0;
  for (const auto& chunk : chunks) size += chunk.size();
  return size;
}

Bytes concatenate(Chunks chunks) {
  if (chunks.size() == 1) return std::move(chunks.front());
  base::ByteVector whole;
  whole.reserve(total_size(chunks));
  for (const auto& chunk : chunks)
    whole.insert(whole.end(), chunk.view().begin(), chunk.view().end());
  return Bytes(std::move(whole));
}

}  // namespace streamhouse::objectstore
