#include "service/record_metrics.h"

namespace streamhouse::service {

Outcome outcome_of(const base::Status& answered) {
  if (answered) return Outcome::kOk;
  const bool unknown = answered.error().code == base::Errc::kUnknownOutcome;
  return unknown ? Outcome::kUnknown : Outcome::kRefused;
}

RecordMetrics::RecordMetrics(runtime::Metrics& metrics, std::string_view protocol)
    : produce_{metrics.counter("produce_requests_total", {protocol, "ok"}),
               metrics.counter("produce_requests_total", {protocol, "refused"}),
               metrics.counter("produce_requests_total", {protocol, "unknown"})},
      fetch_{metrics.counter("fetch_requests_total", {protocol, "ok"}),
             metrics.counter("fetch_requests_total", {protocol, "refused"}),
             metrics.counter("fetch_requests_total", {protocol, "unknown"})},
      produced_records_(metrics.counter("produce_records_total", {protocol})),
      produced_bytes_(metrics.counter("produce_bytes_total", {protocol})),
      durable_seconds_(metrics.histogram("produce_duration_seconds", {protocol, "durable"})),
      buffered_seconds_(metrics.histogram("produce_duration_seconds", {protocol, "buffered"})),
      fetched_records_(metrics.counter("fetch_records_total", {protocol})),
      fetched_tail_bytes_(metrics.counter("fetch_bytes_total", {protocol, "tail"})),
      fetched_store_bytes_(metrics.counter("fetch_bytes_total", {protocol, "store"})),
      fetch_seconds_(metrics.histogram("fetch_duration_seconds", {protocol})) {}

runtime::Counter& RecordMetrics::Requests::of(Outcome outcome) {
  if (outcome == Outcome::kOk) return ok;
  return outcome == Outcome::kUnknown ? unknown : refused;
}

void RecordMetrics::produced(const ProducedCount& count) {
  produce_.ok.add();
  produced_records_.add(static_cast<std::uint64_t>(count.records));
  produced_bytes_.add(count.bytes);
  (count.base_offset.value() < 0 ? buffered_seconds_ : durable_seconds_).observe(count.duration);
}

void RecordMetrics::produce_failed(Outcome why) { produce_.of(why).add(); }

void RecordMetrics::delivered(std::int64_t records) {
  fetched_records_.add(static_cast<std::uint64_t>(records));
}

void RecordMetrics::fetched(fetch::Source source, std::size_t bytes) {
  (source == fetch::Source::kTail ? fetched_tail_bytes_ : fetched_store_bytes_).add(bytes);
}

void RecordMetrics::fetch_ended(Outcome outcome, runtime::Duration duration) {
  fetch_.of(outcome).add();
  if (outcome == Outcome::kOk) fetch_seconds_.observe(duration);
}

}  // namespace streamhouse::service
