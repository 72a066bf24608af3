#pragma once
/// \file  MemoryObjectStore: a bucket in a map, for simulation and tests.

#include <map>

#include "objectstore/object_store.h"

namespace streamhouse::objectstore {

/// Every call takes effect at once, without suspending. Keeps a one-chunk object without a copy.
class MemoryObjectStore final : public ObjectStore {
 public:
  Task<Status> put(ObjectKey key, Chunks content) override;
  Task<Result<Bytes>> get(ObjectKey key, ByteRange range) override;
  Task<Result<ObjectInfo>> head(ObjectKey key) override;
  Task<Result<ObjectPage>> list(std::string prefix, ObjectKey start_after,
                                std::size_t limit) override;
  Task<Status> remove(ObjectKey key) override;

  /// The whole object, nullopt if there is none: for tests that look behind the interface.
  std::optional<Bytes> peek(const ObjectKey& key) const;
  /// All of them, in byte order.
  std::vector<ObjectKey> keys() const;
  std::size_t object_count() const { return objects_.size(); }
  std::uint64_t byte_count() const { return byte_count_; }

 private:
  Status check_place(const ObjectKey& key) const;

  std::map<ObjectKey, Bytes> objects_;
  std::uint64_t byte_count_ = 0;  ///< Sum of the objects' sizes.
};

}  // namespace streamhouse::objectstore
