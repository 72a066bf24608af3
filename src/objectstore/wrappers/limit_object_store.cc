#include "objectstore/wrappers/limit_object_store.h"

#include <utility>

namespace streamhouse::objectstore {

template <class T>
Task<Result<T>> LimitObjectStore::limited(Task<Result<T>> call) {
  while (in_use_ >= policy_.limit()) co_await freed_.wait();
  ++in_use_;
  Result<T> result = co_await std::move(call);
  if (!result && result.error().code == base::Errc::kThrottled) {
    policy_.throttled(runtime_.now());
  } else if (result) {
    policy_.succeeded(in_use_);
  }
  --in_use_;
  freed_.notify_all();
  co_return result;
}

Task<Status> LimitObjectStore::put(ObjectKey key, Chunks content) {
  return limited(inner_.put(std::move(key), std::move(content)));
}

Task<Result<Bytes>> LimitObjectStore::get(ObjectKey key, ByteRange range) {
  return limited(inner_.get(std::move(key), range));
}

Task<Result<ObjectInfo>> LimitObjectStore::head(ObjectKey key) {
  return limited(inner_.head(std::move(key)));
}

Task<Result<ObjectPage>> LimitObjectStore::list(std::string prefix, ObjectKey start_after,
                                                std::size_t limit) {
  return limited(inner_.list(std::move(prefix), std::move(start_after), limit));
}

Task<Status> LimitObjectStore::remove(ObjectKey key) {
  return limited(inner_.remove(std::move(key)));
}

Task<Result<std::vector<Status>>> LimitObjectStore::remove_many(std::vector<ObjectKey> keys) {
  return limited(inner_.remove_many(std::move(keys)));
}

}  // namespace streamhouse::objectstore
