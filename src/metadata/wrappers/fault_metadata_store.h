#pragma once
/// \file  FaultMetadataStore: a database over a bad network, as MetadataFaults would have it.

#include "metadata/metadata_store_adapter.h"
#include "metadata/wrappers/metadata_faults.h"
#include "runtime/runtime.h"

namespace streamhouse::metadata {

/// One process's way to the database. A caller that dies in a stall has not been heard.
class FaultMetadataStore final : public MetadataStoreAdapter<FaultMetadataStore> {
 public:
  /// `runtime` is the calling process's. Late writes go to `inner` even when that process has died,
  /// so `inner` must outlive it and not wait on its runtime.
  FaultMetadataStore(MetadataStore& inner, runtime::Runtime& runtime, MetadataFaults& faults);
  ~FaultMetadataStore() override;

  std::uint64_t rows_written() const override { return inner_.rows_written(); }

  /// For the adapter.
  template <class Call>
  [[gnu::noinline]] std::invoke_result_t<Call&, MetadataStore&> perform(Operation operation,
                                                                        Call call);

 private:
  Task<void> wait_out(Operation operation, MetadataFault fault);
  Task<void> wait_until_released(Operation operation);
  template <class Call>
  static Task<void> apply(MetadataStore& inner, Call call);

  MetadataStore& inner_;
  runtime::Runtime& runtime_;
  MetadataFaults& faults_;
};

extern template class MetadataStoreAdapter<FaultMetadataStore>;

}  // namespace streamhouse::metadata
