#include "metadata/wrappers/metrics_metadata_store.h"

namespace streamhouse::metadata {

using base::Errc;

MetricsMetadataStore::MetricsMetadataStore(MetadataStore& inner, runtime::Runtime& runtime,
                                           runtime::Metrics& metrics)
    : inner_(inner),
      runtime_(runtime),
      metrics_(metrics),
      rows_(metrics.counter("metadata_rows_written_total")),
      rows_counted_(inner.rows_written()) {}
MetricsMetadataStore::~MetricsMetadataStore() = default;

MetricsMetadataStore::Outcome MetricsMetadataStore::outcome_of(Errc code) {
  if (base::retryability(code) == base::Retry::kAfterBackoff) return kRetried;
  const bool failed = code == Errc::kInternal || code == Errc::kCorrupt ||
                      code == Errc::kRegressed || code == Errc::kStopped;
  return failed ? kFailed : kRefused;
}

const MetricsMetadataStore::Handles& MetricsMetadataStore::handles_of(Operation operation) {
  Handles& handles = handles_[operation];
  if (handles.duration) return handles;
  const std::string_view name = info(operation).name;
  constexpr std::array<std::string_view, 4> kResults = {"ok", "refused", "retried", "failed"};
  for (std::size_t i = 0; i < kResults.size(); ++i)
    handles.by_outcome[i] = &metrics_.counter("metadata_operations_total", {name, kResults[i]});
  handles.duration = &metrics_.histogram("metadata_operation_duration_seconds", {name});
  return handles;
}

void MetricsMetadataStore::record(Operation operation, Outcome outcome,
                                  runtime::Duration duration) {
  const Handles& handles = handles_of(operation);
  handles.by_outcome[outcome]->add();
  handles.duration->observe(duration);
  const std::uint64_t rows = inner_.rows_written();
  rows_.add(rows - rows_counted_);
  rows_counted_ = rows;
}

template <class Call>
std::invoke_result_t<Call&, MetadataStore&> MetricsMetadataStore::perform(Operation operation,
                                                                          Call call) {
  const runtime::MonoTime started = runtime_.now();
  auto answer = co_await call(inner_);
  const Outcome outcome = answer ? kOk : outcome_of(answer.error().code);
  record(operation, outcome, runtime_.now() - started);
  trouble_ = outcome == kRetried ? std::optional(answer.error()) : std::nullopt;
  co_return answer;
}

template class MetadataStoreAdapter<MetricsMetadataStore>;

}  // namespace streamhouse::metadata
