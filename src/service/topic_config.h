#pragma once
/// \file  What a topic's configuration means: which keys there are, which values they take, what
/// holds without them.

#include <array>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "metadata/topics.h"
#include "model/codec.h"

namespace streamhouse::service {

/// As Kafka numbers them.
enum class ConfigType : std::int8_t {
  kBoolean = 1,
  kString = 2,
  kInt = 3,
  kLong = 5,
  kDouble = 6,
  kList = 7,
};

/// Many of Kafka's keys are about files that there are none of here: their values are checked and
/// kept, for the sake of those who ask for them.
enum class ConfigUse : std::uint8_t { kKept, kUsed };

struct ConfigKey {
  std::string_view name;
  ConfigType type;
  std::string_view default_value;
  std::int64_t low = 0;  ///< Of a number, as `high`.
  std::int64_t high = 0;
  std::array<std::string_view, 6> words = {};  ///< That anything else may be.
  ConfigUse use = ConfigUse::kKept;
};

/// By name.
std::span<const ConfigKey> topic_config_keys();
/// nullptr if there is no such key.
const ConfigKey* find_config_key(std::string_view name);
/// What is set for the topic itself, retention.ms too.
std::map<std::string, std::string> own_config(const metadata::Topic& topic);

/// Kafka's rule: 1 to 249 of [a-zA-Z0-9._-], not `.` or `..`. Errors: kInvalid naming what is
/// wrong.
base::Status check_topic_name(const std::string& name);
/// Errors: kInvalid naming the key or value.
base::Status check_topic_config(const std::map<std::string, std::string>& config);
/// `retention.ms` in `config` is taken out of it into the topic's own field (its only home); -1 =
/// none.
base::Result<std::optional<std::int64_t>> take_retention(std::map<std::string, std::string>& config,
                                                         std::optional<std::int64_t> retention_ms);

/// `max.message.bytes`, default 1048588.
std::size_t batch_bytes_max(const metadata::Topic& topic);
/// What batches are to be compressed by, nullopt: as their producers did (`compression.type`).
std::optional<model::Codec> stored_codec(const metadata::Topic& topic);
/// `message.timestamp.type=LogAppendTime`.
bool uses_log_append_time(const metadata::Topic& topic);
/// `message.timestamp.before.max.ms` and `.after.max.ms`, beside the agent's clock; milliseconds.
/// Errors: kInvalidTimestamp.
base::Status check_timestamp(const metadata::Topic& topic, std::int64_t timestamp,
                             std::int64_t now);
/// `streamhouse.ack=buffered`.
bool acknowledges_buffered(const metadata::Topic& topic);

}  // namespace streamhouse::service
