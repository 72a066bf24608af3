#pragma once
/// \file  ObjectBlocks: reads spans of stored objects in checked blocks. Where bytes of the store
/// become bytes that may be served (R5).

#include "model/ids.h"
#include "objectstore/object_store.h"

namespace streamhouse::blockcache {

/// Where a span lies and what of it is wanted.
struct SpanRead {
  objectstore::ObjectKey object_key;
  std::uint64_t object_size = 0;
  model::TopicPartition partition;
  model::OffsetRange span;    ///< The whole span.
  model::Offset from;         ///< Within it: reading begins with the batch that holds this offset.
  std::size_t bytes_max = 0;  ///< At least one whole batch is returned, even if larger.
};

/// Lifetime:  outlives every call.
/// Threading: the core's executor.
class ObjectBlocks {
 public:
  virtual ~ObjectBlocks() = default;

  /// Whole consecutive batches, each checked against the object's checksums and its own, and to be
  /// of this partition at the offsets expected. Errors: kCorrupt naming the object and the
  /// position, also if the object is missing (S5); kUnavailable, kThrottled.
  virtual runtime::Task<base::Result<std::vector<base::Bytes>>> read(SpanRead read) = 0;
};

}  // namespace streamhouse::blockcache
