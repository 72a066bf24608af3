#pragma once
/// \file  StoreFront: what every program puts in front of a store that it opened: retries, and a
/// limit where others use the store too.

#include <optional>

#include "objectstore/opened_object_store.h"
#include "objectstore/wrappers/limit_object_store.h"
#include "objectstore/wrappers/retry_object_store.h"

namespace streamhouse::objectstore {

/// Lifetime:  outlives every call; what it is made of outlives it.
class StoreFront {
 public:
  /// `inner` is the store of `opened`, or a wrapper of it.
  StoreFront(ObjectStore& inner, const OpenedObjectStore& opened, runtime::Runtime& runtime)
      : retried_(limit(inner, opened, runtime), runtime, options(opened)) {}

  ObjectStore& store() { return retried_; }

 private:
  /// A service may refuse three calls of ten for a while: 0.43 retries a call make all succeed.
  static constexpr double kSharedRetriesPerCall = 0.5;

  ObjectStore& limit(ObjectStore& inner, const OpenedObjectStore& opened,
                     runtime::Runtime& runtime) {
    if (!opened.is_shared()) return inner;
    return limited_.emplace(inner, runtime, ConcurrencyPolicy::Options{});
  }
  static RetryObjectStore::Options options(const OpenedObjectStore& opened) {
    RetryObjectStore::Options retries;
    if (opened.is_shared()) retries.policy.budget_per_call = kSharedRetriesPerCall;
    return retries;
  }

  std::optional<LimitObjectStore> limited_;  ///< If it is shared.
  RetryObjectStore retried_;
};

}  // namespace streamhouse::objectstore
