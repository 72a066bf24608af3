#include "service/topic_config.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <string_view>

#include "model/record_batch.h"

namespace streamhouse::service {
namespace {

using base::Errc;

/// What a string of Kafka's protocol can say.
constexpr std::size_t kConfigValueBytesMax = 32'767;
constexpr std::size_t kNameMax = 249;
constexpr std::string_view kRetention = "retention.ms";
constexpr std::string_view kTimestampAfter = "message.timestamp.after.max.ms";
constexpr std::string_view kTimestampBefore = "message.timestamp.before.max.ms";

constexpr std::int64_t kIntMax = std::numeric_limits<std::int32_t>::max();
constexpr std::int64_t kLongMax = std::numeric_limits<std::int64_t>::max();

using enum ConfigType;

/// Kafka's keys, with Kafka's types, bounds and defaults, but for retention.
constexpr ConfigKey kKeys[] = {
    {"cleanup.policy", kList, "delete", 0, 0, {"delete"}, ConfigUse::kUsed},
    {"compression.gzip.level", kInt, "-1", -1, 9},
    {"compression.lz4.level", kInt, "9", 1, 17},
    {"compression.type",
     kString,
     "producer",
     0,
     0,
     {"uncompressed", "zstd", "lz4", "snappy", "gzip", "producer"},
     ConfigUse::kUsed},
    {"compression.zstd.level", kInt, "3", -131'072, 22},
    {"delete.retention.ms", kLong, "86400000", 0, kLongMax},
    {"file.delete.delay.ms", kLong, "60000", 0, kLongMax},
    {"flush.messages", kLong, "9223372036854775807", 1, kLongMax},
    {"flush.ms", kLong, "9223372036854775807", 0, kLongMax},
    {"follower.replication.throttled.replicas", kList, ""},
    {"index.interval.bytes", kInt, "4096", 0, kIntMax},
    {"leader.replication.throttled.replicas", kList, ""},
    {"local.retention.bytes", kLong, "-2", -2, kLongMax},
    {"local.retention.ms", kLong, "-2", -2, kLongMax},
    {"max.compaction.lag.ms", kLong, "9223372036854775807", 1, kLongMax},
    {"max.message.bytes", kInt, "1048588", 0, kIntMax, {}, ConfigUse::kUsed},
    {kTimestampAfter, kLong, "3600000", 0, kLongMax, {}, ConfigUse::kUsed},
    {kTimestampBefore, kLong, "9223372036854775807", 0, kLongMax, {}, ConfigUse::kUsed},
    {"message.timestamp.type",
     kString,
     "CreateTime",
     0,
     0,
     {"CreateTime", "LogAppendTime"},
     ConfigUse::kUsed},
    {"min.cleanable.dirty.ratio", kDouble, "0.5", 0, 1},
    {"min.compaction.lag.ms", kLong, "0", 0, kLongMax},
    {"min.insync.replicas", kInt, "1", 1, kIntMax},
    {"preallocate", kBoolean, "false", 0, 0, {"false", "true"}},
    {"remote.log.copy.disable", kBoolean, "false", 0, 0, {"false", "true"}},
    {"remote.log.delete.on.disable", kBoolean, "false", 0, 0, {"false", "true"}},
    {"remote.storage.enable", kBoolean, "false", 0, 0, {"false"}},
    {"retention.bytes", kLong, "-1", -1, kLongMax},
    {"retention.ms", kLong, "-1", -1, kLongMax},
    {"segment.bytes", kInt, "1073741824", 14, kIntMax},
    {"segment.index.bytes", kInt, "10485760", 4, kIntMax},
    {"segment.jitter.ms", kLong, "0", 0, kLongMax},
    {"segment.ms", kLong, "604800000", 1, kLongMax},
    {"streamhouse.ack", kString, "durable", 0, 0, {"durable", "buffered"}, ConfigUse::kUsed},
    {"unclean.leader.election.enable", kBoolean, "false", 0, 0, {"false", "true"}},
};

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kSpaces = " \t\r\n";
  const auto first = std::min(text.find_first_not_of(kSpaces), text.size());
  const auto last = text.find_last_not_of(kSpaces);
  return text.substr(first, last == std::string_view::npos ? 0 : last + 1 - first);
}

/// As Kafka reads it: with spaces around it.
template <class Number>
std::optional<Number> parse_number(std::string_view text) {
  text = trimmed(text);
  Number value = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || stop != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<std::int64_t> parse_integer(std::string_view text) {
  return parse_number<std::int64_t>(text);
}

bool is_integer(ConfigType type) { return type == kInt || type == kLong; }

/// Kafka trims them all but texts, and knows truth in any case.
bool is_word(const ConfigKey& key, std::string_view value, std::string_view word) {
  if (key.type == kString) return value == word;
  value = trimmed(value);
  if (key.type != kBoolean) return value == word;
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  return std::ranges::equal(value, word, {}, lower);
}

base::Status check_value(const ConfigKey& key, const std::string& value) {
  const std::string shown = std::string(key.name) + "=" + value;
  if (key.type == kDouble) {
    const auto number = parse_number<double>(value);
    if (number && *number >= static_cast<double>(key.low) &&
        *number <= static_cast<double>(key.high))
      return {};
    return {Errc::kInvalid, shown + ": expected a number from " + std::to_string(key.low) + " to " +
                                std::to_string(key.high)};
  }
  if (is_integer(key.type)) {
    const auto number = parse_integer(value);
    if (number && *number >= key.low && *number <= key.high) return {};
    return {Errc::kInvalid, shown + ": expected an integer from " + std::to_string(key.low) +
                                " to " + std::to_string(key.high)};
  }
  std::string allowed;
  if (key.words.front().empty()) return {};
  for (const std::string_view word : key.words) {
    if (word.empty()) break;
    if (is_word(key, value, word)) return {};
    allowed += (allowed.empty() ? "" : ", ") + std::string(word);
  }
  return {Errc::kInvalid, shown + ": expected one of " + allowed};
}

/// Empty if it is not set. Asked for every batch: looking through the few there are takes no
/// memory, looking one up takes a copy of the key.
std::string_view value_of(const metadata::Topic& topic, std::string_view key) {
  for (const auto& [name, value] : topic.config) {
    if (name == key) return value;
  }
  return {};
}

}  // namespace

base::Status check_topic_name(const std::string& name) {
  if (name.empty() || name.size() > kNameMax || name == "." || name == "..") {
    return {Errc::kInvalid, "topic name '" + name + "': 1 to 249 characters, not . or .."};
  }
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_' || c == '-';
  };
  if (std::ranges::all_of(name, allowed)) return {};
  return {Errc::kInvalid, "topic name '" + name + "': only letters, digits, '.', '_' and '-'"};
}

std::span<const ConfigKey> topic_config_keys() { return kKeys; }

const ConfigKey* find_config_key(std::string_view name) {
  const auto key = std::ranges::find(kKeys, name, &ConfigKey::name);
  return key == std::end(kKeys) ? nullptr : key;
}

std::map<std::string, std::string> own_config(const metadata::Topic& topic) {
  std::map<std::string, std::string> config = topic.config;
  if (topic.retention_ms) config[std::string(kRetention)] = std::to_string(*topic.retention_ms);
  return config;
}

base::Status check_topic_config(const std::map<std::string, std::string>& config) {
  for (const auto& [name, value] : config) {
    const ConfigKey* key = find_config_key(name);
    if (key == nullptr) return {Errc::kInvalid, "unknown topic config '" + name + "'"};
    if (value.size() > kConfigValueBytesMax)
      return {Errc::kInvalid, name + " has " + std::to_string(value.size()) + " bytes: at most " +
                                  std::to_string(kConfigValueBytesMax)};
    SH_TRY_OK(check_value(*key, value));
  }
  return {};
}

base::Result<std::optional<std::int64_t>> take_retention(std::map<std::string, std::string>& config,
                                                         std::optional<std::int64_t> retention_ms) {
  const auto found = config.find(std::string(kRetention));
  if (found == config.end()) return retention_ms;
  const auto value = parse_integer(found->second);
  if (!value || *value < -1) {
    return {Errc::kInvalid, "retention.ms=" + found->second + ": expected -1 or more"};
  }
  config.erase(found);
  return *value == -1 ? std::optional<std::int64_t>() : value;
}

std::size_t batch_bytes_max(const metadata::Topic& topic) {
  const auto value = parse_integer(value_of(topic, "max.message.bytes"));
  return value ? static_cast<std::size_t>(*value) : model::kBatchBytesMaxDefault;
}

std::optional<model::Codec> stored_codec(const metadata::Topic& topic) {
  using enum model::Codec;
  const std::string_view name = value_of(topic, "compression.type");
  if (name.empty()) return std::nullopt;
  if (name == "uncompressed") return kNone;
  for (const model::Codec codec : {kGzip, kSnappy, kLz4, kZstd})
    if (name == codec_name(codec)) return codec;
  return std::nullopt;
}

bool uses_log_append_time(const metadata::Topic& topic) {
  return value_of(topic, "message.timestamp.type") == "LogAppendTime";
}

base::Status check_timestamp(const metadata::Topic& topic, std::int64_t timestamp,
                             std::int64_t now) {
  constexpr std::int64_t kAfterDefault = 3'600'000;
  const std::int64_t after =
      parse_integer(value_of(topic, kTimestampAfter)).value_or(kAfterDefault);
  const std::int64_t before = parse_integer(value_of(topic, kTimestampBefore)).value_or(kLongMax);
  if (timestamp == model::kNoTimestamp || uses_log_append_time(topic)) return {};
  const bool is_late = timestamp > now && timestamp - now > after;  // neither is negative
  const bool is_early = timestamp < now && now - std::max<std::int64_t>(timestamp, 0) > before;
  if (!is_late && !is_early) return {};
  return {Errc::kInvalidTimestamp,
          "timestamp " + std::to_string(timestamp) + " of a record for topic " + topic.name +
              ": it is now " + std::to_string(now) + ", accepted are " + std::to_string(before) +
              " ms before and " + std::to_string(after) + " ms after"};
}

bool acknowledges_buffered(const metadata::Topic& topic) {
  return value_of(topic, "streamhouse.ack") == "buffered";
}

}  // namespace streamhouse::service
