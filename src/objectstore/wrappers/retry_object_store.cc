#include "objectstore/wrappers/retry_object_store.h"

#include <utility>

namespace streamhouse::objectstore {

using base::Retry;

Task<Status> RetryObjectStore::put(ObjectKey key, Chunks content) {
  auto begin = [this, key = std::move(key), content = std::move(content)] {
    return inner_.put(key, content);
  };
  return retry_call<void>(retries(), std::move(begin));
}

Task<Result<Bytes>> RetryObjectStore::get(ObjectKey key, ByteRange range) {
  auto begin = [this, key = std::move(key), range] { return inner_.get(key, range); };
  return retry_call<Bytes>(retries(), std::move(begin));
}

Task<Result<ObjectInfo>> RetryObjectStore::head(ObjectKey key) {
  auto begin = [this, key = std::move(key)] { return inner_.head(key); };
  return retry_call<ObjectInfo>(retries(), std::move(begin));
}

Task<Result<ObjectPage>> RetryObjectStore::list(std::string prefix, ObjectKey start_after,
                                                std::size_t limit) {
  auto begin = [this, prefix = std::move(prefix), start_after = std::move(start_after), limit] {
    return inner_.list(prefix, start_after, limit);
  };
  return retry_call<ObjectPage>(retries(), std::move(begin));
}

Task<Status> RetryObjectStore::remove(ObjectKey key) {
  auto begin = [this, key = std::move(key)] { return inner_.remove(key); };
  return retry_call<void>(retries(), std::move(begin));
}

/// What is left of a request that was answered is removed one by one.
Task<Result<std::vector<Status>>> RetryObjectStore::remove_many(std::vector<ObjectKey> keys) {
  auto begin = [this, keys] { return inner_.remove_many(keys); };
  SH_CO_TRY(auto removed, co_await retry_call<std::vector<Status>>(retries(), std::move(begin)));
  for (std::size_t i = 0; i < removed.size(); ++i) {
    const bool left = !removed[i] && retryability(removed[i].error().code) == Retry::kAfterBackoff;
    if (left) removed[i] = co_await remove(std::move(keys[i]));
  }
  co_return removed;
}

}  // namespace streamhouse::objectstore
