#pragma once
/// \file  The numbers that Kafka gives to what can be configured, and to where a value is from.

#include <cstdint>

namespace streamhouse::kafka {

constexpr std::int8_t kTopicResource = 2;
constexpr std::int8_t kBrokerResource = 4;

/// Where a value is from.
enum class ConfigSource : std::int8_t { kTopic = 1, kStaticBroker = 4, kDefault = 5 };

}  // namespace streamhouse::kafka
