#pragma once
/// \file  MetricsObjectStore: counts and times the requests to a store.

#include "objectstore/object_store.h"
#include "objectstore/store_operation.h"
#include "runtime/runtime.h"
#include "runtime/telemetry/metrics.h"

namespace streamhouse::objectstore {

/// Stands right above the store, below the retry wrapper, so that every attempt is a request.
/// objectstore_requests_total{result}: `ok` where the store did what it was asked to or said why
/// that cannot be (not_found, exists, invalid_offset, invalid), also for some of a removal of many;
/// `retried` where trying again may help; `failed` for the rest. Durations are of all requests,
/// bytes of those that went well.
class MetricsObjectStore final : public ObjectStore {
 public:
  MetricsObjectStore(ObjectStore& inner, runtime::Runtime& runtime, runtime::Metrics& metrics);

  Task<Status> put(ObjectKey key, Chunks content) override;
  Task<Result<Bytes>> get(ObjectKey key, ByteRange range) override;
  Task<Result<ObjectInfo>> head(ObjectKey key) override;
  Task<Result<ObjectPage>> list(std::string prefix, ObjectKey start_after,
                                std::size_t limit) override;
  Task<Status> remove(ObjectKey key) override;
  Task<Result<std::vector<Status>>> remove_many(std::vector<ObjectKey> keys) override;
  std::size_t removals_per_request() const override { return inner_.removals_per_request(); }

  /// Why the newest request failed, if trying again may help: the store is in trouble. Deletions do
  /// not count: a store that keeps what is dead still serves what is not.
  const std::optional<base::Error>& trouble() const { return trouble_; }

 private:
  struct Handles {
    runtime::Counter* ok = nullptr;
    runtime::Counter* retried = nullptr;
    runtime::Counter* failed = nullptr;
    runtime::Counter* bytes = nullptr;
    runtime::Histogram* duration = nullptr;
  };

  /// Runs `call`, which has not begun, and records it; `bytes` are those it sends.
  template <class T>
  Task<Result<T>> recorded(StoreOperation operation, std::uint64_t bytes, Task<Result<T>> call);
  static runtime::Counter& counter_of(const Handles& handles, const base::Error& error);

  ObjectStore& inner_;
  runtime::Runtime& runtime_;
  ByOperation<Handles> handles_;
  std::optional<base::Error> trouble_;
};

}  // namespace streamhouse::objectstore
