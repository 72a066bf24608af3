#pragma once
/// \file  RetryObjectStore: makes failed calls again. Every call may be: a put repeats the same
/// bytes under the same key, and a removal finds nothing the second time.

#include "objectstore/object_store.h"
#include "objectstore/wrappers/retry_call.h"

namespace streamhouse::objectstore {

/// Repeats what failed with kThrottled, kUnavailable or kUnknownOutcome, as RetryPolicy allows. An
/// attempt that hangs is not cut short; that is its store's affair. When it gives up after an
/// attempt whose outcome was unknown, the answer is kUnknownOutcome whatever came last, unless that
/// says that no attempt can have been applied.
class RetryObjectStore final : public ObjectStore {
 public:
  struct Options {
    RetryPolicy::Options policy;
    runtime::Backoff::Limits backoff = {.first = std::chrono::milliseconds(50),
                                        .longest = std::chrono::seconds(2)};
  };

  RetryObjectStore(ObjectStore& inner, runtime::Runtime& runtime, const Options& options)
      : inner_(inner), runtime_(runtime), policy_(options.policy), backoff_(options.backoff) {}

  Task<Status> put(ObjectKey key, Chunks content) override;
  Task<Result<Bytes>> get(ObjectKey key, ByteRange range) override;
  Task<Result<ObjectInfo>> head(ObjectKey key) override;
  Task<Result<ObjectPage>> list(std::string prefix, ObjectKey start_after,
                                std::size_t limit) override;
  Task<Status> remove(ObjectKey key) override;
  Task<Result<std::vector<Status>>> remove_many(std::vector<ObjectKey> keys) override;
  std::size_t removals_per_request() const override { return inner_.removals_per_request(); }

  /// Attempts that followed a failed one.
  std::uint64_t retry_count() const { return policy_.retry_count(); }

 private:
  Retries retries() { return {.runtime = runtime_, .policy = policy_, .backoff = backoff_}; }

  ObjectStore& inner_;
  runtime::Runtime& runtime_;
  RetryPolicy policy_;
  const runtime::Backoff::Limits backoff_;
};

}  // namespace streamhouse::objectstore
