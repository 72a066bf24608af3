#include "service/topic_config.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <string_view>

#include "model/record_batch.h"

namespace streamhouse::service {
namespace {

using base::Errc;

constexpr std::size_t kNameMax = 249;
constexpr std::string_view kRetention = "retention.ms";

enum class ValueKind : std::uint8_t { kInteger, kWord };

struct ConfigKey {
  std::string_view name;
  ValueKind kind;
  std::int64_t low = 0;
  std::int64_t high = 0;
  std::array<std::string_view, 6> words = {};
};

constexpr std::int64_t kIntMax = std::numeric_limits<std::int32_t>::max();
constexpr std::int64_t kLongMax = std::numeric_limits<std::int64_t>::max();

constexpr std::array kKeys = {
    ConfigKey{"retention.ms", ValueKind::kInteger, -1, kLongMax},
    ConfigKey{"retention.bytes", ValueKind::kInteger, -1, kLongMax},
    ConfigKey{"max.message.bytes", ValueKind::kInteger, 0, kIntMax},
    ConfigKey{"cleanup.policy", ValueKind::kWord, 0, 0, {"delete"}},
    ConfigKey{"compression.type", ValueKind::kWord, 0, 0, {"producer"}},
    ConfigKey{"message.timestamp.type", ValueKind::kWord, 0, 0, {"CreateTime", "LogAppendTime"}},
    ConfigKey{"streamhouse.ack", ValueKind::kWord, 0, 0, {"durable", "buffered"}},
};

std::optional<std::int64_t> parse_integer(std::string_view text) {
  std::int64_t value = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || stop != text.data() + text.size()) return std::nullopt;
  return value;
}

base::Status check_value(const ConfigKey& key, const std::string& value) {
  const std::string shown = std::string(key.name) + "=" + value;
  if (key.kind == ValueKind::kInteger) {
    const auto number = parse_integer(value);
    if (number && *number >= key.low && *number <= key.high) return {};
    return {Errc::kInvalid, shown + ": expected an integer from " + std::to_string(key.low) +
                                " to " + std::to_string(key.high)};
  }
  std::string allowed;
  for (const std::string_view word : key.words) {
    if (word.empty()) break;
    if (value == word) return {};
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

base::Status check_topic_config(const std::map<std::string, std::string>& config) {
  for (const auto& [name, value] : config) {
    const auto key = std::ranges::find(kKeys, name, &ConfigKey::name);
    if (key == kKeys.end()) return {Errc::kInvalid, "unknown topic config '" + name + "'"};
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

bool uses_log_append_time(const metadata::Topic& topic) {
  return value_of(topic, "message.timestamp.type") == "LogAppendTime";
}

bool acknowledges_buffered(const metadata::Topic& topic) {
  return value_of(topic, "streamhouse.ack") == "buffered";
}

}  // namespace streamhouse::service
