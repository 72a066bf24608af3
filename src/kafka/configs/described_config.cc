#include "kafka/configs/described_config.h"

#include <algorithm>
#include <utility>

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

/// Keys of topics, and those of a broker that set their defaults. Where Kafka has none unless
/// somebody sets it, as for `retention.ms`, there is none.
constexpr std::pair<std::string_view, std::string_view> kBrokerKeys[] = {
    {"cleanup.policy", "log.cleanup.policy"},
    {"compression.gzip.level", "compression.gzip.level"},
    {"compression.lz4.level", "compression.lz4.level"},
    {"compression.type", "compression.type"},
    {"compression.zstd.level", "compression.zstd.level"},
    {"delete.retention.ms", "log.cleaner.delete.retention.ms"},
    {"file.delete.delay.ms", "log.segment.delete.delay.ms"},
    {"flush.messages", "log.flush.interval.messages"},
    {"index.interval.bytes", "log.index.interval.bytes"},
    {"local.retention.bytes", "log.local.retention.bytes"},
    {"local.retention.ms", "log.local.retention.ms"},
    {"max.compaction.lag.ms", "log.cleaner.max.compaction.lag.ms"},
    {"max.message.bytes", "message.max.bytes"},
    {"message.timestamp.after.max.ms", "log.message.timestamp.after.max.ms"},
    {"message.timestamp.before.max.ms", "log.message.timestamp.before.max.ms"},
    {"message.timestamp.type", "log.message.timestamp.type"},
    {"min.cleanable.dirty.ratio", "log.cleaner.min.cleanable.ratio"},
    {"min.compaction.lag.ms", "log.cleaner.min.compaction.lag.ms"},
    {"min.insync.replicas", "min.insync.replicas"},
    {"preallocate", "log.preallocate"},
    {"retention.bytes", "log.retention.bytes"},
    {"segment.bytes", "log.segment.bytes"},
    {"segment.index.bytes", "log.index.size.max.bytes"},
    {"unclean.leader.election.enable", "unclean.leader.election.enable"},
};

std::string_view broker_key(std::string_view topic_key) {
  const auto* const found =
      std::ranges::find(kBrokerKeys, topic_key, [](const auto& pair) { return pair.first; });
  return found == std::ranges::end(kBrokerKeys) ? std::string_view() : found->second;
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
    config.default_key = broker_key(key.name);
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
