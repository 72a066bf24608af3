#include "agent/process/agent_metrics.h"

#include <algorithm>

namespace streamhouse::agent {
namespace {

using metadata::ObjectState;

std::string_view name_of(ObjectState state) {
  return state == ObjectState::kLive ? "live" : "dead";
}

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
      absent_topics_(metrics, "negative"),
      groups_(metrics, "group"),
      indexes_(metrics, "index"),
      footers_(metrics, "block"),
      leases_(metrics, "lease"),
      deletion_behind_(metrics.gauge("deletion_behind")) {
  metrics.gauge("build_info", {SH_VERSION}).set(1);
  for (const int level : {0, 1})
    for (const auto state : {ObjectState::kLive, ObjectState::kDead})
      objects_.emplace_back(metrics, level, state);
}

AgentMetrics::ObjectGauges::ObjectGauges(runtime::Metrics& metrics, int level, ObjectState state)
    : level(level),
      state(state),
      objects(metrics.gauge("objects", {level == 0 ? "0" : "1", name_of(state)})),
      bytes(metrics.gauge("object_bytes", {level == 0 ? "0" : "1", name_of(state)})) {}

void AgentMetrics::set_objects(const std::vector<metadata::ObjectCount>& counts) {
  for (const ObjectGauges& gauges : objects_) {
    const auto is_same = [&gauges](const metadata::ObjectCount& count) {
      return count.level == gauges.level && count.state == gauges.state;
    };
    const auto found = std::ranges::find_if(counts, is_same);
    const metadata::ObjectCount count = found == counts.end() ? metadata::ObjectCount{} : *found;
    gauges.objects.set(static_cast<double>(count.objects));
    gauges.bytes.set(static_cast<double>(count.bytes));
  }
}

AgentMetrics::CacheSeries::CacheSeries(runtime::Metrics& metrics, std::string_view cache)
    : hits(metrics.counter("cache_requests_total", {cache, "hit"})),
      misses(metrics.counter("cache_requests_total", {cache, "miss"})),
      coalesced(metrics.counter("cache_requests_total", {cache, "coalesced"})),
      stale(metrics.counter("cache_requests_total", {cache, "stale"})) {}

void AgentMetrics::CacheSeries::set(const runtime::CacheUse& use) {
  hits.add(use.hits - counted.hits);
  misses.add(use.misses - counted.misses);
  coalesced.add(use.coalesced - counted.coalesced);
  stale.add(use.stale - counted.stale);
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
  absent_topics_.set(core.topics().absent_use());
  groups_.set(core.group_use());
  indexes_.set(core.index_use());
  footers_.set(sample.blocks->footer_use());
  leases_.set(sample.leaders->use());
  const auto scope = core.scope().get();
  led_.set(scope ? static_cast<double>((*scope)->partitions().size()) : 0);
  const runtime::Duration left = core.last_heartbeat() + sample.session_timeout - sample.now;
  lease_remaining_.set(scope ? std::max(0.0, seconds(left)) : 0);
}

}  // namespace streamhouse::agent
