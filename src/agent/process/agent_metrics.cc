#include "agent/process/agent_metrics.h"

#include <algorithm>

namespace streamhouse::agent {
namespace {

double seconds(runtime::Duration duration) {
  return std::chrono::duration<double>(duration).count();
}

}  // namespace

AgentMetrics::AgentMetrics(runtime::Metrics& metrics)
    : append_ok_(metrics.histogram("commit_duration_seconds", {"ok"})),
      append_retried_(metrics.histogram("commit_duration_seconds", {"retried"})),
      append_duplicate_(metrics.histogram("commit_duration_seconds", {"duplicate"})),
      append_fenced_(metrics.histogram("commit_duration_seconds", {"fenced"})),
      flush_seconds_(metrics.histogram("flush_duration_seconds")),
      flush_bytes_(metrics.histogram("flush_object_bytes")),
      flush_spans_(metrics.histogram("flush_spans")),
      buffered_(metrics.gauge("buffered_bytes")),
      buffered_limit_(metrics.gauge("buffered_bytes_limit")),
      led_(metrics.gauge("partitions_led")),
      lease_remaining_(metrics.gauge("lease_remaining_seconds")),
      http_connections_(metrics.gauge("connections", {"http"})),
      grpc_connections_(metrics.gauge("connections", {"grpc"})),
      topics_(metrics, "topic"),
      footers_(metrics, "index") {
  metrics.gauge("build_info", {SH_VERSION}).set(1);
}

AgentMetrics::CacheSeries::CacheSeries(runtime::Metrics& metrics, std::string_view cache)
    : hits(metrics.counter("cache_requests_total", {cache, "hit"})),
      misses(metrics.counter("cache_requests_total", {cache, "miss"})) {}

void AgentMetrics::CacheSeries::set(const runtime::CacheUse& use) {
  hits.add(use.hits - counted.hits);
  misses.add(use.misses - counted.misses);
  counted = use;
}

void AgentMetrics::row_known(const ingest::RowReport& report) {
  switch (report.result) {
    case ingest::RowResult::kOk:
      append_ok_.observe(report.append);
      break;
    case ingest::RowResult::kRetried:
      append_retried_.observe(report.append);
      break;
    case ingest::RowResult::kDuplicate:
      append_duplicate_.observe(report.append);
      break;
    case ingest::RowResult::kFenced:
      append_fenced_.observe(report.append);
      return;
  }
  if (report.spans == 0) return;
  flush_seconds_.observe(report.flush);
  flush_bytes_.observe(static_cast<double>(report.object_bytes));
  flush_spans_.observe(static_cast<double>(report.spans));
}

void AgentMetrics::set_gauges(const Sample& sample) {
  http_connections_.set(static_cast<double>(sample.http_connections));
  grpc_connections_.set(static_cast<double>(sample.grpc_connections));
  buffered_limit_.set(static_cast<double>(sample.buffer_limit));
  if (sample.core == nullptr) return;
  AgentCore& core = *sample.core;
  buffered_.set(static_cast<double>(core.budget().used()));
  topics_.set(core.topics().use());
  footers_.set(sample.blocks->footer_use());
  const auto scope = core.scope().get();
  led_.set(scope ? static_cast<double>((*scope)->partitions().size()) : 0);
  const runtime::Duration left = core.last_heartbeat() + sample.session_timeout - sample.now;
  lease_remaining_.set(scope ? std::max(0.0, seconds(left)) : 0);
}

}  // namespace streamhouse::agent
