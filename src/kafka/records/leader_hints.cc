#include "kafka/records/leader_hints.h"

namespace streamhouse::kafka {

runtime::Task<PartitionLeader> LeaderHints::find(cluster::TopicPtr topic, std::int32_t partition) {
  if (!topic) co_return PartitionLeader{};
  if (brokers_ == nullptr) {
    auto brokers = co_await call_.services.brokers.get();
    if (!brokers) co_return PartitionLeader{};
    brokers_ = call_.keep(*std::move(brokers)).get();
  }
  const auto leaders = co_await call_.services.leaders.get(topic->no);
  if (!leaders) co_return PartitionLeader{};
  const model::PartitionIndex index(partition);
  const Broker* const broker = brokers_->at_grpc_address((*leaders)->address(index));
  if (broker == nullptr) co_return PartitionLeader{};
  found_[broker->node_id] = broker;
  co_return PartitionLeader{.node_id = broker->node_id, .epoch = (*leaders)->epoch(index).value()};
}

}  // namespace streamhouse::kafka
