#pragma once
/// \file  TakeOver: ends a session that is no longer alive, so that its partitions can be led again
/// (rules P4-P6).

#include "metadata/metadata_store.h"
#include "objectstore/object_store.h"
#include "runtime/task_group.h"

namespace streamhouse::cluster {

/// Safe at any moment, by any number of agents at once, and cut short anywhere: the seal decides,
/// the rest repeats. Threading: the core's executor.
class TakeOver {
 public:
  TakeOver(runtime::Runtime& runtime, metadata::MetadataStore& metadata,
           objectstore::ObjectStore& objects, runtime::TaskGroup& group)
      : runtime_(runtime), metadata_(metadata), objects_(objects), group_(group) {}

  /// Returns when the session is recovered. Errors: kCorrupt if there are partitions whose end
  /// cannot be known (they stay with the session, and unled; all others are free); kUnavailable if
  /// the group stopped meanwhile.
  runtime::Task<base::Status> run(model::SessionId session);

 private:
  /// Errors: kCorrupt naming what could not be freed, once the rest is.
  runtime::Task<base::Status> free_partitions(model::SessionId session);
  runtime::Task<base::Status> write_seal_marker(model::SessionId session, model::Seq seal);

  runtime::Runtime& runtime_;
  metadata::MetadataStore& metadata_;
  objectstore::ObjectStore& objects_;
  runtime::TaskGroup& group_;
};

}  // namespace streamhouse::cluster
