#include "objectstore/wrappers/latency_object_store.h"

#include <type_traits>
#include <utility>

namespace streamhouse::objectstore {

using runtime::Duration;

LatencyObjectStore::LatencyObjectStore(ObjectStore& inner, runtime::Runtime& runtime,
                                       const Latency& latency)
    : inner_(inner), runtime_(runtime) {
  set_latency(latency);
}

Duration LatencyObjectStore::transfer_time(StoreOperation operation, std::uint64_t bytes) const {
  const std::uint64_t rate = latency_[operation].bytes_per_second;
  if (rate == 0) return Duration(0);
  const std::chrono::duration<double> seconds(static_cast<double>(bytes) /
                                              static_cast<double>(rate));
  return std::chrono::duration_cast<Duration>(seconds);
}

template <class T>
Task<Result<T>> LatencyObjectStore::delayed(StoreOperation operation, std::uint64_t bytes_sent,
                                            Task<Result<T>> call) {
  const Latency& latency = latency_[operation];
  const Duration total(runtime_.random().between(latency.min.count(), latency.max.count()));
  const Duration before(runtime_.random().between(0, total.count()));
  co_await runtime_.sleep(before + transfer_time(operation, bytes_sent));
  Result<T> result = co_await std::move(call);
  Duration after = total - before;
  if constexpr (std::is_same_v<T, Bytes>)
    after += transfer_time(operation, result ? result->size() : 0);
  co_await runtime_.sleep(after);
  co_return result;
}

Task<Status> LatencyObjectStore::put(ObjectKey key, Chunks content) {
  const std::uint64_t bytes = total_size(content);
  return delayed(StoreOperation::kPut, bytes, inner_.put(std::move(key), std::move(content)));
}

Task<Result<Bytes>> LatencyObjectStore::get(ObjectKey key, ByteRange range) {
  return delayed(StoreOperation::kGet, 0, inner_.get(std::move(key), range));
}

Task<Result<ObjectInfo>> LatencyObjectStore::head(ObjectKey key) {
  return delayed(StoreOperation::kHead, 0, inner_.head(std::move(key)));
}

Task<Result<ObjectPage>> LatencyObjectStore::list(std::string prefix, ObjectKey start_after,
                                                  std::size_t limit) {
  return delayed(StoreOperation::kList, 0,
                 inner_.list(std::move(prefix), std::move(start_after), limit));
}

Task<Status> LatencyObjectStore::remove(ObjectKey key) {
  return delayed(StoreOperation::kDelete, 0, inner_.remove(std::move(key)));
}

}  // namespace streamhouse::objectstore
