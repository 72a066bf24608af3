#include <algorithm>
#include <charconv>

#include "kafka/configs/described_config.h"
#include "kafka/error_code.h"
#include "kafka/handlers.h"

namespace streamhouse::kafka {
namespace {

using runtime::Task;
using wire::ErrorCode;
using Asked = wire::DescribeConfigsRequest;
using Response = wire::DescribeConfigsResponse;
using Described = std::expected<std::vector<DescribedConfig>, Refusal>;

Task<Described> describe_topic(Call& call, std::string name) {
  if (const auto good = service::check_topic_name(name); !good)
    co_return std::unexpected(
        Refusal{.code = ErrorCode::kInvalidTopicException, .text = good.error().text});
  const auto topic = co_await call.services.topics.read(std::move(name));
  if (!topic) co_return std::unexpected(refuse(topic.error()));
  co_return kafka::describe_topic(**topic);
}

/// By its number; without one, what all have in common has no value of its own.
Task<Described> describe_broker(Call& call, std::string name) {
  std::int32_t node = -1;
  const auto [end, wrong] = std::from_chars(name.data(), name.data() + name.size(), node);
  if (name.empty()) co_return std::vector<DescribedConfig>();
  const auto brokers = co_await call.services.brokers.get();
  if (!brokers) co_return std::unexpected(refuse(brokers.error()));
  const auto broker = (*brokers)->all().find(node);
  const bool read = wrong == std::errc() && end == name.data() + name.size();
  if (!read || broker == (*brokers)->all().end())
    co_return std::unexpected(
        Refusal{.code = ErrorCode::kInvalidRequest, .text = "there is no broker " + name});
  co_return kafka::describe_broker(call.services.config, broker->second);
}

Task<Described> describe(Call& call, std::int8_t type, std::string name) {
  if (type == kTopicResource) co_return co_await describe_topic(call, std::move(name));
  if (type == kBrokerResource) co_return co_await describe_broker(call, std::move(name));
  co_return std::unexpected(Refusal{.code = ErrorCode::kInvalidRequest,
                                    .text = "only topics and brokers have a configuration"});
}

Response::Config shown(Call& call, const DescribedConfig& config, bool synonyms) {
  const wire::String name = call.texts.keep(config.name);
  Response::Config one{.name = name,
                       .value = call.texts.keep(config.value),
                       .read_only = config.source == ConfigSource::kStaticBroker,
                       .config_source = static_cast<std::int8_t>(config.source),
                       .config_type = static_cast<std::int8_t>(config.type)};
  if (!synonyms) return one;
  if (config.source != ConfigSource::kDefault)
    one.synonyms.push_back({.name = name, .value = one.value, .source = one.config_source});
  if (!config.default_key.empty())
    one.synonyms.push_back({.name = config.default_key,
                            .value = call.texts.keep(config.default_value),
                            .source = static_cast<std::int8_t>(ConfigSource::kDefault)});
  return one;
}

bool is_wanted(const Asked::Resource& asked, const std::string& name) {
  if (!asked.configuration_keys) return true;
  const auto& keys = *asked.configuration_keys;
  return std::ranges::find(keys, name) != keys.end();
}

}  // namespace

Answer<Response> handle(Call& call, Asked request) {
  Response response;
  for (const Asked::Resource& asked : request.resources) {
    Response::Resource answered{.resource_type = asked.resource_type,
                                .resource_name = asked.resource_name};
    const auto described =
        co_await describe(call, asked.resource_type, std::string(asked.resource_name));
    if (!described) {
      answered.error_code = described.error().code;
      answered.error_message = call.texts.keep(described.error().text);
    } else {
      for (const DescribedConfig& config : *described)
        if (is_wanted(asked, config.name))
          answered.configs.push_back(shown(call, config, request.include_synonyms));
    }
    response.results.push_back(std::move(answered));
  }
  co_return response;
}

}  // namespace streamhouse::kafka
