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

Task<Result<std::vector<Status>>> ObjectStore::remove_many(std::vector<ObjectKey> keys) {
  std::vector<Status> removed;
  for (ObjectKey& key : keys) {
    Status one = co_await remove(std::move(key));
    removed.push_back(std::move(one));
  }
  co_return removed;
}

}  // namespace streamhouse::objectstore
