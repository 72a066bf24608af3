#include "kafka/topics/partition_leader.h"

namespace streamhouse::kafka {

runtime::Task<std::vector<PartitionLeader>> find_leaders(Call& call, cluster::TopicPtr topic,
                                                         BrokersPtr brokers) {
  std::vector<PartitionLeader> found(static_cast<std::size_t>(topic->partition_count));
  const auto leaders = co_await call.services.leaders.get(topic->no);
  if (!leaders) co_return found;
  for (std::int32_t index = 0; index < topic->partition_count; ++index) {
    const model::PartitionIndex partition(index);
    const Broker* broker = brokers->at_grpc_address((*leaders)->address(partition));
    if (broker == nullptr) continue;
    found[static_cast<std::size_t>(index)] = {.node_id = broker->node_id,
                                              .epoch = (*leaders)->epoch(partition).value()};
  }
  co_return found;
}

}  // namespace streamhouse::kafka
