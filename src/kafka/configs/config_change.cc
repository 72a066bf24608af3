#include "kafka/configs/config_change.h"

#include <algorithm>
#include <vector>

#include "service/topic_config.h"

namespace streamhouse::kafka {
namespace {

using wire::ErrorCode;
using Change = wire::IncrementalAlterConfigsRequest::Config;

enum class Operation : std::int8_t { kSet = 0, kDelete = 1, kAppend = 2, kSubtract = 3 };

std::unexpected<Refusal> refused(ErrorCode code, std::string text) {
  return std::unexpected(Refusal{.code = code, .text = std::move(text)});
}

std::expected<ConfigChange, Refusal> checked(const Config& own, ConfigChange change) {
  // To forget what is not there is nothing.
  std::erase_if(change, [&own](const auto& one) {
    const bool is_known = service::find_config_key(one.first) != nullptr;
    return !one.second && !is_known && !own.contains(one.first);
  });
  Config set;
  for (const auto& [name, value] : change) {
    if (!value) continue;
    set[name] = *value;
    if (service::find_config_key(name) == nullptr)
      return refused(ErrorCode::kInvalidConfig, "unknown topic config '" + name + "'");
  }
  const auto good = service::check_topic_config(set);
  if (!good) return refused(ErrorCode::kInvalidConfig, good.error().text);
  return change;
}

std::vector<std::string> split(const std::string& list) {
  std::vector<std::string> words;
  for (std::size_t begin = 0; begin < list.size();) {
    const std::size_t end = std::min(list.find(',', begin), list.size());
    if (end > begin) words.push_back(list.substr(begin, end - begin));
    begin = end + 1;
  }
  return words;
}

/// `list` with the words of `change`, or without them.
std::string changed_list(const std::string& list, const std::string& change, Operation operation) {
  std::vector<std::string> words = split(list);
  for (const std::string& word : split(change)) {
    const bool there = std::ranges::find(words, word) != words.end();
    if (operation == Operation::kSubtract) std::erase(words, word);
    if (operation == Operation::kAppend && !there) words.push_back(word);
  }
  std::string joined;
  for (const std::string& word : words) joined += (joined.empty() ? "" : ",") + word;
  return joined;
}

std::string value_now(const Config& own, const service::ConfigKey& key) {
  const auto found = own.find(std::string(key.name));
  return found == own.end() ? std::string(key.default_value) : found->second;
}

std::expected<std::optional<std::string>, Refusal> changed_value(const Config& own,
                                                                 const Change& change) {
  const std::string name(change.name);
  const auto operation = static_cast<Operation>(change.config_operation);
  if (operation == Operation::kDelete) return std::nullopt;
  if (change.config_operation < 0 || operation > Operation::kSubtract)
    return refused(ErrorCode::kInvalidRequest, "unknown operation on " + name);
  if (!change.value) return refused(ErrorCode::kInvalidRequest, "null for " + name);
  std::string value(*change.value);
  const service::ConfigKey* key = service::find_config_key(name);
  if (operation == Operation::kSet || key == nullptr) return value;
  if (key->type != service::ConfigType::kList)
    return refused(ErrorCode::kInvalidConfig, name + " is no list");
  return changed_list(value_now(own, *key), value, operation);
}

}  // namespace

std::expected<ConfigChange, Refusal> replace_config(
    const Config& own, const wire::AlterConfigsRequest::Resource& wanted) {
  ConfigChange change;
  for (const auto& [name, value] : own) change[name] = std::nullopt;
  for (const auto& config : wanted.configs) {
    if (!config.value)
      return refused(ErrorCode::kInvalidRequest, "null for " + std::string(config.name));
    change[std::string(config.name)] = std::string(*config.value);
  }
  return checked(own, std::move(change));
}

std::expected<ConfigChange, Refusal> change_config(
    const Config& own, const wire::IncrementalAlterConfigsRequest::Resource& wanted) {
  ConfigChange changes;
  for (const Change& change : wanted.configs) {
    auto value = changed_value(own, change);
    if (!value) return std::unexpected(value.error());
    const bool first = changes.emplace(change.name, *std::move(value)).second;
    if (!first)
      return refused(ErrorCode::kInvalidRequest,
                     std::string(change.name) + " is changed more than once");
  }
  return checked(own, std::move(changes));
}

}  // namespace streamhouse::kafka
