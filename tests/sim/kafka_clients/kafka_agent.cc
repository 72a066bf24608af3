#include "kafka_agent.h"

#include <chrono>
#include <cstdint>
#include <string>
#include <utility>

namespace streamhouse::sim {

KafkaAgent::Connection::Connection(KafkaAgent& agent, std::uint64_t number)
    : handler(agent.runtime_, agent.services_, groups::ClientId{number},
              {.host = "10.0.0.1", .port = 40'000}) {}

KafkaAgent::KafkaAgent(runtime::Runtime& runtime, metadata::MetadataStore& metadata,
                       agent::AgentCore& core, std::string grpc_address)
    : runtime_(runtime),
      replies_(runtime, 1u << 20),
      config_{.cluster_id = "sim",
              .auto_create_topics = false,
              .group_initial_rebalance_delay = std::chrono::milliseconds(300)},
      look_ups_(runtime),
      leaders_(runtime, metadata, look_ups_, std::move(grpc_address)),
      brokers_(runtime, core.cluster(), look_ups_),
      services_(kafka::KafkaServices{.runtime = runtime,
                                     .produce = core.produce(),
                                     .producers = core.producers(),
                                     .fetch = core.fetch(),
                                     .topic_service = core.topic_service(),
                                     .groups = core.groups(),
                                     .membership = core.membership(),
                                     .topics = core.topics(),
                                     .leaders = leaders_,
                                     .brokers = brokers_,
                                     .replies = replies_,
                                     .config = config_,
                                     .metrics = call_metrics_}) {}

KafkaAgent::Connection& KafkaAgent::connect() {
  return connections_.emplace_back(*this, connections_.size() + 1);
}

}  // namespace streamhouse::sim
