#pragma once
/// \file  MetadataStore: everything the system remembers about objects, in an engine that people
/// already run.

#include "metadata/archive.h"

namespace streamhouse::metadata {

/// Lifetime:  outlives every call.
/// Threading: the runtime's executor.
/// Consistency: every call is one serialisable transaction on the primary.
/// Texts:     UTF-8; a store may refuse others with kInvalid.
class MetadataStore : public TopicStore,
                      public SessionLog,
                      public LeaseStore,
                      public ObjectCatalog,
                      public GroupStore,
                      public SettingsStore,
                      public ArchiveStore {
 public:
  /// Rows inserted, changed and deleted so far, for metrics; 0 if the store does not count.
  virtual std::uint64_t rows_written() const { return 0; }
};

}  // namespace streamhouse::metadata
