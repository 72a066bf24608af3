#pragma once
/// \file  LatencyObjectStore: makes a fast store as slow as a far one.

#include "objectstore/object_store.h"
#include "objectstore/store_operation.h"
#include "runtime/runtime.h"

namespace streamhouse::objectstore {

/// How long a call takes: uniform between min and max, plus the time of its bytes.
struct Latency {
  runtime::Duration min{0};
  runtime::Duration max{0};
  std::uint64_t bytes_per_second = 0;  ///< 0 = bytes take no time.
};

/// The time passes partly before the call takes effect and partly after, so that a caller that dies
/// waiting may have been heard or not.
class LatencyObjectStore final : public ObjectStore {
 public:
  LatencyObjectStore(ObjectStore& inner, runtime::Runtime& runtime, const Latency& latency);

  /// Of the calls that begin from now on.
  void set_latency(const Latency& latency) { latency_.fill(latency); }
  void set_latency(StoreOperation operation, const Latency& latency) {
    latency_[operation] = latency;
  }

  Task<Status> put(ObjectKey key, Chunks content) override;
  Task<Result<Bytes>> get(ObjectKey key, ByteRange range) override;
  Task<Result<ObjectInfo>> head(ObjectKey key) override;
  Task<Result<ObjectPage>> list(std::string prefix, ObjectKey start_after,
                                std::size_t limit) override;
  Task<Status> remove(ObjectKey key) override;

 private:
  /// Runs `call`, which has not begun, in the middle of the operation's time.
  template <class T>
  Task<Result<T>> delayed(StoreOperation operation, std::uint64_t bytes_sent, Task<Result<T>> call);
  runtime::Duration transfer_time(StoreOperation operation, std::uint64_t bytes) const;

  ObjectStore& inner_;
  runtime::Runtime& runtime_;
  ByOperation<Latency> latency_;
};

}  // namespace streamhouse::objectstore
