#pragma once
/// \file  Objects rows, which are counted as they come and go, and the segments that lie in them.

#include <map>

#include "metadata/metadata_store.h"
#include "metadata/postgres/driver/connection.h"

namespace streamhouse::metadata::postgres {

/// What a transaction does to the numbers of objects rows by level and state.
class ObjectCounts {
 public:
  void add(int level, ObjectState state, std::uint64_t size) { change(level, state, 1, size); }
  void remove(int level, ObjectState state, std::uint64_t size) { change(level, state, -1, size); }
  /// Locks the counts until the transaction ends: only the change feed may be locked after them.
  Status store(Connection& db) const;

 private:
  struct Delta {
    std::int64_t objects = 0;
    std::int64_t bytes = 0;
  };
  void change(int level, ObjectState state, int sign, std::uint64_t size) {
    Delta& delta = deltas_[{level, state}];
    delta.objects += sign;
    delta.bytes += sign * static_cast<std::int64_t>(size);
  }

  std::map<std::pair<int, ObjectState>, Delta> deltas_;
};

/// Takes one segment off the count of the object of each key; objects without one left are dead.
Status forget_segments_of(Connection& db, const std::vector<std::string>& object_keys,
                          ObjectCounts& counts);

}  // namespace streamhouse::metadata::postgres
