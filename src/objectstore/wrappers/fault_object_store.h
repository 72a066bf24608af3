#pragma once
/// \file  FaultObjectStore: a store over a bad network, as StoreFaults would have it.

#include "objectstore/object_store.h"
#include "objectstore/wrappers/store_faults.h"
#include "runtime/runtime.h"

namespace streamhouse::objectstore {

/// One process's way to the store. A caller that dies in a stall has not been heard.
class FaultObjectStore final : public ObjectStore {
 public:
  /// `runtime` is the calling process's. Late writes go to `inner` even when that process has died,
  /// so `inner` must outlive it and not wait on its runtime.
  FaultObjectStore(ObjectStore& inner, runtime::Runtime& runtime, StoreFaults& faults)
      : inner_(inner), runtime_(runtime), faults_(faults) {}

  Task<Status> put(ObjectKey key, Chunks content) override;
  Task<Result<Bytes>> get(ObjectKey key, ByteRange range) override;
  Task<Result<ObjectInfo>> head(ObjectKey key) override;
  Task<Result<ObjectPage>> list(std::string prefix, ObjectKey start_after,
                                std::size_t limit) override;
  Task<Status> remove(ObjectKey key) override;

 private:
  Task<Status> write(StoreOperation operation, Task<Status> call);
  template <class T>
  Task<Result<T>> read(StoreOperation operation, Task<Result<T>> call);
  Task<void> wait_out(StoreOperation operation, StoreFault fault);
  Task<void> wait_until_released(StoreOperation operation);

  ObjectStore& inner_;
  runtime::Runtime& runtime_;
  StoreFaults& faults_;
};

}  // namespace streamhouse::objectstore
