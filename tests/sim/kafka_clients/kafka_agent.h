#pragma once
/// \file  KafkaAgent: what a simulated agent serves Kafka clients from: the real handlers, without
/// sockets.

#include <deque>
#include <optional>

#include "agent/agent_core.h"
#include "kafka/kafka_connection.h"

namespace streamhouse::sim {

/// Lifetime:  outlives what runs in its process.
class KafkaAgent {
 public:
  /// As a frame server keeps it, for as long as the process. Requests come one after the other.
  struct Connection final : net::Turn::Holder {
    Connection(KafkaAgent& agent, std::uint64_t number);
    void turn_passed() override {}
    kafka::KafkaConnection handler;
  };

  KafkaAgent(runtime::Runtime& runtime, metadata::MetadataStore& metadata, agent::AgentCore& core,
             std::string grpc_address);

  /// For a new client.
  Connection& connect();

 private:
  runtime::Runtime& runtime_;
  runtime::Metrics metrics_;
  kafka::CallMetrics call_metrics_{metrics_};
  ingest::BufferBudget replies_;
  kafka::KafkaConfig config_;
  runtime::TaskGroup look_ups_;
  cluster::LeaderDirectory leaders_;  ///< Without the change feed: a second old at most.
  kafka::BrokerDirectory brokers_;
  std::optional<kafka::KafkaServices> services_;
  std::deque<Connection> connections_;
};

}  // namespace streamhouse::sim
