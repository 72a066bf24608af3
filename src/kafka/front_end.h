#pragma once
/// \file  FrontEnd: the Kafka listener of an agent, from start-up to a clean end.

#include <optional>

#include "kafka/services.h"
#include "net/frames/frame_server.h"
#include "runtime/telemetry/metrics.h"

namespace streamhouse::kafka {

/// What an agent serves Kafka clients from.
struct CoreServices {
  service::ProduceService& produce;
  service::ProducerService& producers;
  service::FetchService& fetch;
  service::TopicService& topic_service;
  service::GroupService& groups;
  service::MembershipService& membership;
  service::ClusterService& cluster;
  cluster::TopicCatalog& topics;
  cluster::LeaderDirectory& leaders;
};

/// Lifetime:  close() has returned before it ends, unless its runtime ended.
/// Threading: the core's executor.
class FrontEnd {
 public:
  FrontEnd(runtime::Runtime& runtime, runtime::Metrics& metrics, const net::FrameLimits& limits,
           std::size_t reply_bytes_max);

  /// Takes connections, and closes them at their first request until serve(). Returns the address
  /// with the port that was chosen. Errors: kUnavailable, naming the address.
  base::Result<net::HostPort> listen(const net::HostPort& address);
  /// Answers requests from now on. Call once.
  void serve(CoreServices core, KafkaConfig config);
  /// Takes no more requests, and returns when those at work are answered, or at `deadline`.
  runtime::Task<void> close(runtime::MonoTime deadline);

 private:
  runtime::Runtime& runtime_;
  KafkaConfig config_;
  CallMetrics metrics_;
  ingest::BufferBudget replies_;
  runtime::TaskGroup look_ups_;
  std::optional<BrokerDirectory> brokers_;
  std::optional<KafkaServices> services_;
  std::uint64_t clients_ = 0;  ///< So far.
  net::FrameServer server_;
};

}  // namespace streamhouse::kafka
