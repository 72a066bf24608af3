#pragma once
/// \file  BatchingStore: a store that removes many objects by one request, as a bucket does, and
/// refuses what a test says.

#include <algorithm>
#include <set>
#include <utility>
#include <vector>

#include "objectstore/object_store.h"

namespace streamhouse::objectstore {

class BatchingStore final : public ObjectStore {
 public:
  BatchingStore(ObjectStore& inner, std::size_t per_request)
      : inner_(inner), per_request_(per_request) {}

  Task<Status> put(ObjectKey key, Chunks content) override {
    return inner_.put(std::move(key), std::move(content));
  }
  Task<Result<Bytes>> get(ObjectKey key, ByteRange range) override {
    return inner_.get(std::move(key), range);
  }
  Task<Result<ObjectInfo>> head(ObjectKey key) override { return inner_.head(std::move(key)); }
  Task<Result<ObjectPage>> list(std::string prefix, ObjectKey start_after,
                                std::size_t limit) override {
    return inner_.list(std::move(prefix), std::move(start_after), limit);
  }
  Task<Status> remove(ObjectKey key) override {
    requests_.push_back(1);
    return inner_.remove(std::move(key));
  }
  Task<Result<std::vector<Status>>> remove_many(std::vector<ObjectKey> keys) override {
    requests_.push_back(keys.size());
    if (requests_to_refuse_ > 0) {
      --requests_to_refuse_;
      co_return base::make_error(base::Errc::kThrottled, "slow down");
    }
    std::vector<Status> removed(keys.size());
    for (std::size_t i = 0; i < keys.size(); ++i) {
      if (refused_.contains(keys[i])) {
        removed[i] = base::make_error(base::Errc::kUnavailable, keys[i] + " is held");
        continue;
      }
      Status one = co_await inner_.remove(keys[i]);
      removed[i] = std::move(one);
    }
    co_return removed;
  }
  std::size_t removals_per_request() const override { return per_request_; }

  void refuse_requests(int count) { requests_to_refuse_ = count; }
  /// Of removals of many.
  void refuse(std::set<ObjectKey> keys) { refused_ = std::move(keys); }
  /// How many keys each request to remove had.
  const std::vector<std::size_t>& requests() const { return requests_; }

 private:
  ObjectStore& inner_;
  const std::size_t per_request_;
  int requests_to_refuse_ = 0;
  std::set<ObjectKey> refused_;
  std::vector<std::size_t> requests_;
};

}  // namespace streamhouse::objectstore
