#pragma once
/// \file  MetricsMetadataStore: counts and times the operations of a store.

#include <array>
#include <optional>

#include "metadata/metadata_store_adapter.h"
#include "runtime/runtime.h"
#include "runtime/telemetry/metrics.h"

namespace streamhouse::metadata {

/// Stands right above the store, so that every attempt is an operation.
/// metadata_operations_total{result}: `ok`; `refused` where the store said why it cannot be
/// (not_found, exists, conflict, fenced, invalid, ...); `retried` where trying again may help;
/// `failed` for the rest. An operation's series appear with its first call.
class MetricsMetadataStore final : public MetadataStoreAdapter<MetricsMetadataStore> {
 public:
  MetricsMetadataStore(MetadataStore& inner, runtime::Runtime& runtime, runtime::Metrics& metrics);
  ~MetricsMetadataStore() override;

  std::uint64_t rows_written() const override { return inner_.rows_written(); }
  /// Why the newest operation failed, if trying again may help: the store is in trouble.
  const std::optional<base::Error>& trouble() const { return trouble_; }

  /// For the adapter.
  template <class Call>
  [[gnu::noinline]] std::invoke_result_t<Call&, MetadataStore&> perform(Operation operation,
                                                                        Call call);

 private:
  enum Outcome : std::uint8_t { kOk, kRefused, kRetried, kFailed };
  struct Handles {
    std::array<runtime::Counter*, 4> by_outcome{};
    runtime::Histogram* duration = nullptr;
  };

  static Outcome outcome_of(base::Errc code);
  const Handles& handles_of(Operation operation);
  void record(Operation operation, Outcome outcome, runtime::Duration duration);

  MetadataStore& inner_;
  runtime::Runtime& runtime_;
  runtime::Metrics& metrics_;
  runtime::Counter& rows_;
  std::uint64_t rows_counted_ = 0;
  ByOperation<Handles> handles_;
  std::optional<base::Error> trouble_;
};

extern template class MetadataStoreAdapter<MetricsMetadataStore>;

}  // namespace streamhouse::metadata
