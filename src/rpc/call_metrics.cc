#include "rpc/call_metrics.h"

#include "rpc/error_status.h"

namespace streamhouse::rpc {
namespace {

constexpr std::string_view kProtocol = "grpc";

}  // namespace

CallMetrics::CallMetrics(runtime::Metrics& metrics)
    : metrics_(metrics),
      produce_{metrics.counter("produce_requests_total", {kProtocol, "ok"}),
               metrics.counter("produce_requests_total", {kProtocol, "refused"}),
               metrics.counter("produce_requests_total", {kProtocol, "unknown"})},
      fetch_{metrics.counter("fetch_requests_total", {kProtocol, "ok"}),
             metrics.counter("fetch_requests_total", {kProtocol, "refused"}),
             metrics.counter("fetch_requests_total", {kProtocol, "unknown"})},
      produced_records_(metrics.counter("produce_records_total", {kProtocol})),
      produced_bytes_(metrics.counter("produce_bytes_total", {kProtocol})),
      durable_seconds_(metrics.histogram("produce_duration_seconds", {kProtocol, "durable"})),
      buffered_seconds_(metrics.histogram("produce_duration_seconds", {kProtocol, "buffered"})),
      fetched_records_(metrics.counter("fetch_records_total", {kProtocol})),
      fetched_tail_bytes_(metrics.counter("fetch_bytes_total", {kProtocol, "tail"})),
      fetched_store_bytes_(metrics.counter("fetch_bytes_total", {kProtocol, "store"})),
      fetch_seconds_(metrics.histogram("fetch_duration_seconds", {kProtocol})) {}

runtime::Counter& CallMetrics::Requests::of(const base::Status& outcome) {
  if (outcome) return ok;
  return outcome.error().code == base::Errc::kUnknownOutcome ? unknown : refused;
}

void CallMetrics::produced(const ProducedCount& count) {
  produce_.ok.add();
  produced_records_.add(static_cast<std::uint64_t>(count.records));
  produced_bytes_.add(count.bytes);
  (count.ack == Ack::kDurable ? durable_seconds_ : buffered_seconds_).observe(count.duration);
}

void CallMetrics::produce_failed(const base::Error& error) {
  produce_.of(base::Status(error)).add();
}

void CallMetrics::delivered(std::int64_t records) {
  fetched_records_.add(static_cast<std::uint64_t>(records));
}

void CallMetrics::fetched(fetch::Source source, std::size_t bytes) {
  (source == fetch::Source::kTail ? fetched_tail_bytes_ : fetched_store_bytes_).add(bytes);
}

void CallMetrics::fetch_ended(const base::Status& outcome, runtime::Duration duration) {
  fetch_.of(outcome).add();
  if (outcome) fetch_seconds_.observe(duration);
}

void CallMetrics::answered(const base::Error& error) {
  metrics_.counter("errors_total", {kProtocol, public_error(error.code).code}).add();
}

}  // namespace streamhouse::rpc
