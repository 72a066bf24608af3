#include "kafka/configs/described_config.h"

namespace streamhouse::kafka {
namespace {

using service::ConfigType;

DescribedConfig setting(std::string name, const std::string& value, ConfigType type) {
  return {.name = std::move(name),
          .value = value,
          .type = type,
          .source = ConfigSource::kStaticBroker,
          .default_value = value};
}

std::string milliseconds(runtime::Duration duration) {
  return std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(duration).count());
}

}  // namespace

std::vector<DescribedConfig> describe_topic(const metadata::Topic& topic) {
  const auto own = service::own_config(topic);
  std::vector<DescribedConfig> configs;
  for (const service::ConfigKey& key : service::topic_config_keys()) {
    DescribedConfig& config = configs.emplace_back();
    config.name = key.name;
    config.type = key.type;
    config.value = config.default_value = key.default_value;
    const auto set = own.find(config.name);
    if (set == own.end()) continue;
    config.value = set->second;
    config.source = ConfigSource::kTopic;
  }
  return configs;
}

std::vector<DescribedConfig> describe_broker(const KafkaConfig& config, const Broker& broker) {
  const std::string node = std::to_string(broker.node_id);
  const std::string create = config.auto_create_topics ? "true" : "false";
  return {
      setting("advertised.listeners", "PLAINTEXT://" + net::to_string(broker.address),
              ConfigType::kList),
      setting("auto.create.topics.enable", create, ConfigType::kBoolean),
      setting("broker.id", node, ConfigType::kInt),
      setting("broker.rack", broker.zone, ConfigType::kString),
      setting("default.replication.factor", "1", ConfigType::kInt),
      setting("delete.topic.enable", "true", ConfigType::kBoolean),
      setting("group.initial.rebalance.delay.ms",
              milliseconds(config.group_initial_rebalance_delay), ConfigType::kInt),
      setting("message.max.bytes", "1048588", ConfigType::kInt),
      setting("min.insync.replicas", "1", ConfigType::kInt),
      setting("node.id", node, ConfigType::kInt),
      setting("num.partitions", std::to_string(config.default_partitions), ConfigType::kInt),
  };
}

}  // namespace streamhouse::kafka
