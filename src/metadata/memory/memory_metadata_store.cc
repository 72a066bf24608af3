#include "metadata/memory/memory_metadata_store.h"

namespace streamhouse::metadata {

template <class Call>
Task<std::invoke_result_t<Call&, MemoryMetadata&>> MemoryMetadataStore::perform(Operation,
                                                                                Call call) {
  co_return call(metadata_);
}

MemoryMetadataStore::MemoryMetadataStore(MemoryMetadata& metadata) : metadata_(metadata) {}
MemoryMetadataStore::~MemoryMetadataStore() = default;

template class MetadataStoreAdapter<MemoryMetadataStore>;

}  // namespace streamhouse::metadata
