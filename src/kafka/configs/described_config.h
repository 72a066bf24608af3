#pragma once
/// \file  The configuration of a topic or of this agent, as it is shown to clients.

#include <string>
#include <string_view>
#include <vector>

#include "kafka/configs/config_resource.h"
#include "kafka/services.h"
#include "service/topic_config.h"

namespace streamhouse::kafka {

struct DescribedConfig {
  std::string name;
  std::string value;
  service::ConfigType type;
  ConfigSource source = ConfigSource::kDefault;
  std::string default_value;
  /// The key of a broker that a topic's default is of, as Kafka names it; empty if there is none.
  std::string_view default_key = {};
};

/// Every key that a topic can have, by name.
std::vector<DescribedConfig> describe_topic(const metadata::Topic& topic);
/// What Kafka's tools ask a broker for and an agent has; none of it can be changed while it runs.
std::vector<DescribedConfig> describe_broker(const KafkaConfig& config, const Broker& broker);

}  // namespace streamhouse::kafka
