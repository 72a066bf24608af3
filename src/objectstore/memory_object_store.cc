#include "objectstore/memory_object_store.h"

#include <utility>

#include "objectstore/object_key.h"
#include "objectstore/store_error.h"

namespace streamhouse::objectstore {

/// A directory cannot hold `a` and `a/b`, so no store takes both.
Status MemoryObjectStore::check_place(const ObjectKey& key) const {
  for (auto slash = key.find('/'); slash != ObjectKey::npos; slash = key.find('/', slash + 1))
    if (objects_.contains(key.substr(0, slash)))
      return object_below_object(key, key.substr(0, slash));
  const auto below = objects_.lower_bound(key + "/");
  if (below != objects_.end() && below->first.starts_with(key + "/"))
    return object_below_object(below->first, key);
  return {};
}

Task<Status> MemoryObjectStore::put(ObjectKey key, Chunks content) {
  SH_CO_TRY_OK(check_key(key));
  SH_CO_TRY_OK(check_place(key));
  Bytes whole = concatenate(std::move(content));
  const auto found = objects_.find(key);
  if (found == objects_.end()) {
    byte_count_ += whole.size();
    objects_.emplace(std::move(key), std::move(whole));
    co_return Status();
  }
  if (found->second == whole) co_return Status();
  co_return object_exists(key);
}

Task<Result<Bytes>> MemoryObjectStore::get(ObjectKey key, ByteRange range) {
  SH_CO_TRY_OK(check_key(key));
  const auto found = objects_.find(key);
  if (found == objects_.end()) co_return object_not_found(key);
  SH_CO_TRY_OK(check_range(key, found->second.size(), range));
  co_return found->second.slice(range.position, range.length);
}

Task<Result<ObjectInfo>> MemoryObjectStore::head(ObjectKey key) {
  SH_CO_TRY_OK(check_key(key));
  const auto found = objects_.find(key);
  if (found == objects_.end()) co_return object_not_found(key);
  co_return ObjectInfo{std::move(key), found->second.size()};
}

Task<Result<ObjectPage>> MemoryObjectStore::list(std::string prefix, ObjectKey start_after,
                                                 std::size_t limit) {
  SH_CO_TRY_OK(check_list(prefix, limit));
  ObjectPage page;
  auto at = start_after < prefix ? objects_.lower_bound(prefix) : objects_.upper_bound(start_after);
  for (; at != objects_.end() && at->first.starts_with(prefix); ++at) {
    page.more = page.objects.size() == limit;
    if (page.more) break;
    page.objects.push_back({at->first, at->second.size()});
  }
  co_return page;
}

Task<Status> MemoryObjectStore::remove(ObjectKey key) {
  SH_CO_TRY_OK(check_key(key));
  const auto found = objects_.find(key);
  if (found == objects_.end()) co_return Status();
  byte_count_ -= found->second.size();
  objects_.erase(found);
  co_return Status();
}

std::optional<Bytes> MemoryObjectStore::peek(const ObjectKey& key) const {
  const auto found = objects_.find(key);
  if (found == objects_.end()) return std::nullopt;
  return found->second;
}

std::vector<ObjectKey> MemoryObjectStore::keys() const {
  std::vector<ObjectKey> keys;
  keys.reserve(objects_.size());
  for (const auto& [key, bytes] : objects_) keys.push_back(key);
  return keys;
}

}  // namespace streamhouse::objectstore
