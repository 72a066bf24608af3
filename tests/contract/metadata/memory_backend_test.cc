// Goal: MemoryMetadata keeps the contract of every metadata store.
// Method: the suite of metadata_store_contract.h, on the store alone and behind its wrappers.
#include "metadata/memory/memory_metadata_store.h"
#include "metadata/wrappers/fault_metadata_store.h"
#include "metadata/wrappers/metrics_metadata_store.h"
#include "tests/contract/metadata_store_contract.h"

namespace streamhouse::metadata::contract {
namespace {

class MemoryBackend : public MetadataBackend {
 public:
  MetadataStore& store() override { return store_; }
  void set_now(DatabaseMs now) override { now_ = now; }

 private:
  DatabaseMs now_ = kStart;
  MemoryMetadata metadata_{[this] { return now_; }, topic_id(99)};
  MemoryMetadataStore store_{metadata_};
};

/// Behind wrappers that have nothing to do but count.
class WrappedBackend : public MemoryBackend {
 public:
  explicit WrappedBackend(runtime::AsioRuntime& runtime)
      : faults_(runtime, 1),
        faulty_(MemoryBackend::store(), runtime, faults_),
        counted_(faulty_, runtime, metrics_) {}
  MetadataStore& store() override { return counted_; }

 private:
  MetadataFaults faults_;
  FaultMetadataStore faulty_;
  runtime::Metrics metrics_;
  MetricsMetadataStore counted_;
};

std::unique_ptr<MetadataBackend> make_wrapped(runtime::AsioRuntime& runtime) {
  return std::make_unique<WrappedBackend>(runtime);
}

std::unique_ptr<MetadataBackend> make_memory(runtime::AsioRuntime&) {
  return std::make_unique<MemoryBackend>();
}

INSTANTIATE_TEST_SUITE_P(Memory, MetadataStoreContract,
                         ::testing::Values(BackendCase{"plain", make_memory},
                                           BackendCase{"wrapped", make_wrapped}),
                         ::testing::PrintToStringParamName());

}  // namespace
}  // namespace streamhouse::metadata::contract
