#pragma once
/// \file  ObjectStore: the durable home of records. A bucket or a directory of immutable objects.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/error.h"
#include "runtime/task.h"

namespace streamhouse::objectstore {

using base::ByteRange;
using base::Bytes;
using base::Result;
using base::Status;
using runtime::Task;

/// Path-like name below the store's own prefix: `ab/0123456789abcdef/42`. Lower-case letters,
/// digits, `-`, `_`, `.` and `/`; no component that is empty, begins with a dot or has more than
/// 255 bytes; at most 512 bytes. Everything else is kInvalid (object_key.h). No key continues
/// another after a slash (`a` and `a/b`): a put that a store sees doing so is kInvalid.
using ObjectKey = std::string;

struct ObjectInfo {
  ObjectKey key;
  std::uint64_t size = 0;
  std::int64_t modified_ms = 0;  ///< Of lists, by the store's clock; 0 where it does not say.
};

/// Of one remove_many().
constexpr std::size_t kRemovalsMax = 1'000;

struct ObjectPage {
  std::vector<ObjectInfo> objects;  ///< In byte order of their keys.
  bool more = false;                ///< Ask again with start_after = the last key.
};

/// The content of an object in pieces that are written one after the other, never concatenated.
using Chunks = std::vector<Bytes>;
std::uint64_t total_size(const Chunks& chunks);
/// One buffer with all the bytes; a single chunk is not copied.
Bytes concatenate(Chunks chunks);

/// Lifetime:  outlives every call.
/// Threading: the runtime's executor.
/// Errors, all calls: kUnavailable (certainly not applied) and kThrottled; kUnknownOutcome where a
/// write may or may not have been applied; kInvalid for a malformed key. Cancel: a put may still
/// land.
class ObjectStore {
 public:
  virtual ~ObjectStore() = default;

  /// Creates the object, whole or not at all; returns when it is durable. An object that is there
  /// already with the very same bytes is success (so a put can be repeated); with other bytes
  /// kExists, and it is unchanged.
  virtual Task<Status> put(ObjectKey key, Chunks content) = 0;

  /// Exactly the bytes of `range`. Errors: kNotFound; kInvalidOffset if the range reaches past the
  /// end.
  virtual Task<Result<Bytes>> get(ObjectKey key, ByteRange range) = 0;

  /// Errors: kNotFound.
  virtual Task<Result<ObjectInfo>> head(ObjectKey key) = 0;

  /// The first `limit` (1..1000) objects, in byte order, whose key begins with `prefix` and is
  /// greater than `start_after`. Errors: kInvalid for a prefix that no key can begin with.
  virtual Task<Result<ObjectPage>> list(std::string prefix, ObjectKey start_after,
                                        std::size_t limit) = 0;

  /// Removes the object; success too if there is none.
  virtual Task<Status> remove(ObjectKey key) = 0;

  /// Removes all of them; what became of each, in their order. `keys` has at most kRemovalsMax.
  /// Errors: none is known to be gone. By default one after the other.
  virtual Task<Result<std::vector<Status>>> remove_many(std::vector<ObjectKey> keys);
  /// How many remove_many() removes by one request: 1 to kRemovalsMax.
  virtual std::size_t removals_per_request() const { return 1; }
};

}  // namespace streamhouse::objectstore
