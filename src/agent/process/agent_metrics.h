#pragma once
/// \file  AgentMetrics: what the agent's parts do not count themselves: rows of the session log as
/// they become known, and gauges at the time they are asked for.

#include "agent/agent_core.h"
#include "blockcache/checked_object_reader.h"
#include "runtime/telemetry/metrics.h"

namespace streamhouse::agent {

/// Lifetime:  outlives the core; borrows the Metrics.
/// Threading: the core's executor.
class AgentMetrics final : public ingest::RowObserver {
 public:
  explicit AgentMetrics(runtime::Metrics& metrics);

  void row_known(const ingest::RowReport& report) override;

  struct Sample {
    AgentCore* core = nullptr;                                ///< None yet: its gauges stay 0.
    const blockcache::CheckedObjectReader* blocks = nullptr;  ///< With the core.
    const cluster::LeaderDirectory* leaders = nullptr;        ///< With the core.
    runtime::MonoTime now;
    runtime::Duration session_timeout{};
    std::size_t buffer_limit = 0;
    std::size_t http_connections = 0;
    std::size_t grpc_connections = 0;
  };
  void set_gauges(const Sample& sample);
  void set_objects(const std::vector<metadata::ObjectCount>& counts);
  void set_deletion_behind(bool behind) { deletion_behind_.set(behind ? 1 : 0); }

 private:
  /// Of one level and state.
  struct ObjectGauges {
    ObjectGauges(runtime::Metrics& metrics, int level, metadata::ObjectState state);

    int level;
    metadata::ObjectState state;
    runtime::Gauge& objects;
    runtime::Gauge& bytes;
  };

  /// Brings a cache's series up to what it has counted.
  struct CacheSeries {
    CacheSeries(runtime::Metrics& metrics, std::string_view cache);
    void set(const runtime::CacheUse& use);

    runtime::Counter& hits;
    runtime::Counter& misses;
    runtime::Counter& coalesced;
    runtime::Counter& stale;
    runtime::CacheUse counted;
  };

  runtime::Histogram& append_ok_;
  runtime::Histogram& append_retried_;
  runtime::Histogram& append_duplicate_;
  runtime::Histogram& append_fenced_;
  runtime::Histogram& flush_seconds_;
  runtime::Histogram& flush_bytes_;
  runtime::Histogram& flush_spans_;
  runtime::Gauge& buffered_;
  runtime::Gauge& buffered_limit_;
  runtime::Gauge& led_;
  runtime::Gauge& lease_remaining_;
  runtime::Gauge& http_connections_;
  runtime::Gauge& grpc_connections_;
  CacheSeries topics_;
  CacheSeries absent_topics_;
  CacheSeries groups_;
  CacheSeries indexes_;
  CacheSeries footers_;
  CacheSeries leases_;
  runtime::Gauge& deletion_behind_;
  std::vector<ObjectGauges> objects_;  ///< One for each level and state.
};

}  // namespace streamhouse::agent
