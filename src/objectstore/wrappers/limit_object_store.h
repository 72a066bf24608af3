#pragma once
/// \file  LimitObjectStore: holds calls back while as many are under way as ConcurrencyPolicy lets
/// the server have.

#include "objectstore/object_store.h"
#include "objectstore/wrappers/concurrency_policy.h"
#include "runtime/signal.h"

namespace streamhouse::objectstore {

/// Stands below the retry wrapper, so that a call that waits before its next attempt holds no
/// place.
class LimitObjectStore final : public ObjectStore {
 public:
  LimitObjectStore(ObjectStore& inner, runtime::Runtime& runtime,
                   const ConcurrencyPolicy::Options& options)
      : inner_(inner), runtime_(runtime), policy_(options), freed_(runtime) {}

  Task<Status> put(ObjectKey key, Chunks content) override;
  Task<Result<Bytes>> get(ObjectKey key, ByteRange range) override;
  Task<Result<ObjectInfo>> head(ObjectKey key) override;
  Task<Result<ObjectPage>> list(std::string prefix, ObjectKey start_after,
                                std::size_t limit) override;
  Task<Status> remove(ObjectKey key) override;
  Task<Result<std::vector<Status>>> remove_many(std::vector<ObjectKey> keys) override;
  std::size_t removals_per_request() const override { return inner_.removals_per_request(); }

  const ConcurrencyPolicy& policy() const { return policy_; }
  std::size_t in_use() const { return in_use_; }

 private:
  /// Runs `call`, which has not begun, once there is a place for it.
  template <class T>
  Task<Result<T>> limited(Task<Result<T>> call);

  ObjectStore& inner_;
  runtime::Runtime& runtime_;
  ConcurrencyPolicy policy_;
  std::size_t in_use_ = 0;
  runtime::Signal freed_;
};

}  // namespace streamhouse::objectstore
