#pragma once
/// \file  MemoryMetadataStore: the asynchronous face of MemoryMetadata, for tests and simulation.

#include "metadata/memory/memory_metadata.h"
#include "metadata/metadata_store_adapter.h"

namespace streamhouse::metadata {

/// Each operation is applied and answered at once, in the order of the calls; delays and failures
/// come from the wrappers.
/// Lifetime:  `metadata` outlives it; several stores (one per simulated agent) may share one.
class MemoryMetadataStore final : public MetadataStoreAdapter<MemoryMetadataStore> {
 public:
  explicit MemoryMetadataStore(MemoryMetadata& metadata);
  ~MemoryMetadataStore() override;

  /// For the adapter.
  template <class Call>
  [[gnu::noinline]] Task<std::invoke_result_t<Call&, MemoryMetadata&>> perform(Operation,
                                                                               Call call);

 private:
  MemoryMetadata& metadata_;
};

extern template class MetadataStoreAdapter<MemoryMetadataStore>;

}  // namespace streamhouse::metadata
