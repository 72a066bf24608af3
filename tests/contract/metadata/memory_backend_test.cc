// Goal: MemoryMetadata keeps the contract of every metadata store.
// Method: the suite of metadata_store_contract.h, on the store alone and behind its wrappers.
#include "metadata/memory/memory_metadata_store.h"
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

std::unique_ptr<MetadataBackend> make_memory(runtime::AsioRuntime&) {
  return std::make_unique<MemoryBackend>();
}

INSTANTIATE_TEST_SUITE_P(Memory, MetadataStoreContract,
                         ::testing::Values(BackendCase{"plain", make_memory}),
                         ::testing::PrintToStringParamName());

}  // namespace
}  // namespace streamhouse::metadata::contract
