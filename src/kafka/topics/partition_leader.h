#pragma once
/// \file  Who leads a partition, as answers about topics say it.

#include "kafka/call.h"
#include "wire/error_code.h"

namespace streamhouse::kafka {

struct PartitionLeader {
  std::int32_t node_id = -1;  ///< -1: nobody now.
  std::int32_t epoch = -1;
  /// A partition has one replica: its leader.
  std::vector<std::int32_t> replicas() const {
    return node_id < 0 ? std::vector<std::int32_t>() : std::vector{node_id};
  }
  wire::ErrorCode error_code() const {
    return node_id < 0 ? wire::ErrorCode::kLeaderNotAvailable : wire::ErrorCode::kNone;
  }
};

/// By partition, of all that the topic has.
runtime::Task<std::vector<PartitionLeader>> find_leaders(Call& call, cluster::TopicPtr topic,
                                                         BrokersPtr brokers);

}  // namespace streamhouse::kafka
