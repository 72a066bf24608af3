#include <map>

#include "kafka/configs/config_change.h"
#include "kafka/configs/config_resource.h"
#include "kafka/handlers.h"
#include "service/topic_config.h"

namespace streamhouse::kafka {
namespace {

using runtime::Task;
using wire::ErrorCode;

std::expected<ConfigChange, Refusal> planned(const Config& own,
                                             const wire::AlterConfigsRequest::Resource& wanted) {
  return replace_config(own, wanted);
}

std::expected<ConfigChange, Refusal> planned(
    const Config& own, const wire::IncrementalAlterConfigsRequest::Resource& wanted) {
  return change_config(own, wanted);
}

/// What is refused whatever the topic has.
std::optional<Refusal> refusal_of(std::int8_t type, wire::String name) {
  if (type == kBrokerResource)
    return Refusal{.code = ErrorCode::kInvalidRequest,
                   .text = "an agent's settings are those that it was started with"};
  if (type != kTopicResource)
    return Refusal{.code = ErrorCode::kInvalidRequest, .text = "only topics can be configured"};
  const auto good = service::check_topic_name(std::string(name));
  if (good) return std::nullopt;
  return Refusal{.code = ErrorCode::kInvalidTopicException, .text = good.error().text};
}

template <class Resource>
Task<std::expected<void, Refusal>> alter(Call& call, Resource wanted, bool check) {
  if (auto refused = refusal_of(wanted.resource_type, wanted.resource_name))
    co_return std::unexpected(*std::move(refused));
  const auto topic = co_await call.services.topics.read(std::string(wanted.resource_name));
  if (!topic) co_return std::unexpected(refuse(topic.error()));
  auto change = planned(service::own_config(**topic), wanted);
  if (!change) co_return std::unexpected(std::move(change).error());
  if (check || change->empty()) co_return std::expected<void, Refusal>();
  service::TopicUpdate update{
      .name = (*topic)->name, .config = *std::move(change), .retention_ms = {}};
  auto updated = co_await call.services.topic_service.update(std::move(update));
  if (!updated) co_return std::unexpected(refuse(std::move(updated).error()));
  co_return std::expected<void, Refusal>();
}

template <class Response, class Request>
Answer<Response> alter_all(Call& call, Request request) {
  Response response;
  std::map<std::pair<std::int8_t, wire::String>, int> named;
  for (const auto& wanted : request.resources)
    ++named[{wanted.resource_type, wanted.resource_name}];
  for (auto& wanted : request.resources) {
    auto& answered = response.responses.emplace_back();
    answered.resource_type = wanted.resource_type;
    answered.resource_name = wanted.resource_name;
    std::expected<void, Refusal> altered = std::unexpected(
        Refusal{.code = ErrorCode::kInvalidRequest, .text = "named more than once"});
    if (named[{wanted.resource_type, wanted.resource_name}] == 1)
      altered = co_await alter(call, std::move(wanted), request.validate_only);
    if (altered) continue;
    answered.error_code = altered.error().code;
    answered.error_message = call.texts.keep(altered.error().text);
  }
  co_return response;
}

}  // namespace

Answer<wire::AlterConfigsResponse> handle(Call& call, wire::AlterConfigsRequest request) {
  return alter_all<wire::AlterConfigsResponse>(call, std::move(request));
}

Answer<wire::IncrementalAlterConfigsResponse> handle(Call& call,
                                                     wire::IncrementalAlterConfigsRequest request) {
  return alter_all<wire::IncrementalAlterConfigsResponse>(call, std::move(request));
}

}  // namespace streamhouse::kafka
