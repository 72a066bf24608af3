#include "objectstore/wrappers/metrics_object_store.h"

#include <type_traits>
#include <utility>

namespace streamhouse::objectstore {

using base::Errc;

namespace {

bool is_answer(Errc code) {
  return code == Errc::kNotFound || code == Errc::kExists || code == Errc::kInvalidOffset ||
         code == Errc::kInvalid;
}

template <class T>
std::optional<base::Error> trouble_of(const Result<T>& result) {
  if (result || base::retryability(result.error().code) != base::Retry::kAfterBackoff)
    return std::nullopt;
  return result.error();
}

}  // namespace

MetricsObjectStore::MetricsObjectStore(ObjectStore& inner, runtime::Runtime& runtime,
                                       runtime::Metrics& metrics)
    : inner_(inner), runtime_(runtime) {
  for (const auto operation : kStoreOperations) {
    const auto name = operation_name(operation);
    handles_[operation] = {
        .ok = &metrics.counter("objectstore_requests_total", {name, "ok"}),
        .retried = &metrics.counter("objectstore_requests_total", {name, "retried"}),
        .failed = &metrics.counter("objectstore_requests_total", {name, "failed"}),
        .bytes = &metrics.counter("objectstore_bytes_total", {name}),
        .duration = &metrics.histogram("objectstore_request_duration_seconds", {name})};
  }
}

runtime::Counter& MetricsObjectStore::counter_of(const Handles& handles, const base::Error& error) {
  if (is_answer(error.code)) return *handles.ok;
  const bool retriable = base::retryability(error.code) == base::Retry::kAfterBackoff;
  return retriable ? *handles.retried : *handles.failed;
}

template <class T>
Task<Result<T>> MetricsObjectStore::recorded(StoreOperation operation, std::uint64_t bytes,
                                             Task<Result<T>> call) {
  const Handles handles = handles_[operation];
  const runtime::MonoTime started = runtime_.now();
  Result<T> result = co_await std::move(call);
  handles.duration->observe(runtime_.now() - started);
  if (operation != StoreOperation::kDelete) trouble_ = trouble_of(result);
  if (!result) {
    counter_of(handles, result.error()).add();
    co_return result;
  }
  if constexpr (std::is_same_v<T, Bytes>) bytes += result->size();
  handles.ok->add();
  handles.bytes->add(bytes);
  co_return result;
}

Task<Status> MetricsObjectStore::put(ObjectKey key, Chunks content) {
  const std::uint64_t bytes = total_size(content);
  return recorded(StoreOperation::kPut, bytes, inner_.put(std::move(key), std::move(content)));
}

Task<Result<Bytes>> MetricsObjectStore::get(ObjectKey key, ByteRange range) {
  return recorded(StoreOperation::kGet, 0, inner_.get(std::move(key), range));
}

Task<Result<ObjectInfo>> MetricsObjectStore::head(ObjectKey key) {
  return recorded(StoreOperation::kHead, 0, inner_.head(std::move(key)));
}

Task<Result<ObjectPage>> MetricsObjectStore::list(std::string prefix, ObjectKey start_after,
                                                  std::size_t limit) {
  return recorded(StoreOperation::kList, 0,
                  inner_.list(std::move(prefix), std::move(start_after), limit));
}

Task<Status> MetricsObjectStore::remove(ObjectKey key) {
  return recorded(StoreOperation::kDelete, 0, inner_.remove(std::move(key)));
}

Task<Result<std::vector<Status>>> MetricsObjectStore::remove_many(std::vector<ObjectKey> keys) {
  return recorded(StoreOperation::kDelete, 0, inner_.remove_many(std::move(keys)));
}

}  // namespace streamhouse::objectstore
