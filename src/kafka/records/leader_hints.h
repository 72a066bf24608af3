#pragma once
/// \file  LeaderHints: in an answer about partitions that are not led here, who leads them: the
/// client need not ask for metadata first (KIP-951).

#include <map>

#include "kafka/topics/partition_leader.h"

namespace streamhouse::kafka {

/// Lifetime:  ends before its call; what it names lives as long as the call.
/// Threading: the core's executor.
class LeaderHints {
 public:
  explicit LeaderHints(Call& call) : call_(call) {}

  /// Who leads the partition, as far as is known here; nobody if `topic` is null.
  runtime::Task<PartitionLeader> find(cluster::TopicPtr topic, std::int32_t partition);

  /// Where those are that were found.
  template <class Endpoint>
  wire::Array<Endpoint> endpoints() const {
    wire::Array<Endpoint> list;
    for (const auto& [node_id, broker] : found_) {
      Endpoint& endpoint = list.emplace_back();
      endpoint.node_id = node_id;
      endpoint.host = broker->address.host;
      endpoint.port = broker->address.port;
      if (!broker->zone.empty()) endpoint.rack = broker->zone;
    }
    return list;
  }

 private:
  Call& call_;
  const Brokers* brokers_ = nullptr;
  std::map<std::int32_t, const Broker*> found_;
};

}  // namespace streamhouse::kafka
