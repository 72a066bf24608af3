#include "kafka/cluster/broker_directory.h"

#include "base/crc32c.h"

namespace streamhouse::kafka {
namespace {

constexpr auto kKnownFor = std::chrono::seconds(1);

}  // namespace

std::int32_t node_id_of(std::string_view agent_id) {
  return static_cast<std::int32_t>(base::crc32c(base::as_bytes(agent_id)) & 0x7fffffff);
}

Brokers::Brokers(const std::vector<metadata::Agent>& agents) {
  for (const metadata::Agent& agent : agents) {
    const auto kafka = agent.info.metadata.find(kKafkaAddressKey);
    if (kafka == agent.info.metadata.end()) continue;
    const auto address = net::parse_host_port(kafka->second);
    if (!address) continue;
    const std::int32_t node = node_id_of(agent.info.agent_id);
    brokers_[node] = {.node_id = node, .address = *address, .zone = agent.info.zone};
    nodes_[agent.info.address] = node;
  }
}

const Broker* Brokers::at_grpc_address(std::string_view address) const {
  const auto node = nodes_.find(address);
  return node == nodes_.end() ? nullptr : &brokers_.at(node->second);
}

BrokerDirectory::BrokerDirectory(runtime::Runtime& runtime, service::ClusterService& cluster,
                                 runtime::TaskGroup& group)
    : runtime_(runtime),
      cluster_(cluster),
      loads_({.runtime = runtime,
              .group = group,
              .load = [this](std::monostate) { return load(); },
              .landed =
                  [this](std::monostate, const base::Result<BrokersPtr>& loaded) {
                    if (loaded) known_ = *loaded;
                    known_until_ = runtime_.now() + kKnownFor;
                  }}) {}

runtime::Task<base::Result<BrokersPtr>> BrokerDirectory::get() {
  if (known_ && runtime_.now() < known_until_) co_return known_;
  auto loaded = co_await loads_.get({});
  if (!loaded && known_) co_return known_;
  co_return loaded;
}

runtime::Task<base::Result<BrokersPtr>> BrokerDirectory::load() {
  SH_CO_TRY(const auto agents, co_await cluster_.agents());
  co_return std::make_shared<const Brokers>(agents);
}

}  // namespace streamhouse::kafka
