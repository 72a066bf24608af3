#pragma once
/// \file  FsckService: whether what is stored is as it must be.

#include "upkeep/fsck/fsck.h"

namespace streamhouse::service {

/// Threading: the core's executor.
class FsckService {
 public:
  explicit FsckService(upkeep::Fsck::Ports ports) : ports_(ports) {}

  /// Reads everything; `sink` outlives the call. Errors: a store's that cannot be read now; the
  /// sink's.
  runtime::Task<base::Status> run(upkeep::FsckSink* sink);

 private:
  upkeep::Fsck::Ports ports_;
};

}  // namespace streamhouse::service
