#include <map>

#include "kafka/handlers.h"
#include "kafka/topics/topic_spec.h"

namespace streamhouse::kafka {
namespace {

using runtime::Task;
using Asked = wire::CreatePartitionsRequest;
using Response = wire::CreatePartitionsResponse;

Response::Topic refusal(Call& call, wire::String name, const Refusal& why) {
  return {.name = name, .error_code = why.code, .error_message = call.texts.keep(why.text)};
}

Task<Response::Topic> grow(Call& call, Asked::Topic asked, bool check) {
  const auto topic = co_await call.services.topics.read(std::string(asked.name));
  if (!topic) co_return refusal(call, asked.name, refuse(topic.error()));
  const auto good = check_growth(asked, (*topic)->partition_count);
  if (!good) co_return refusal(call, asked.name, good.error());
  const Response::Topic done{.name = asked.name};
  if (check) co_return done;
  const auto grown =
      co_await call.services.topic_service.add_partitions((*topic)->name, asked.count);
  if (!grown) co_return refusal(call, asked.name, refuse(grown.error()));
  co_return done;
}

}  // namespace

Answer<Response> handle(Call& call, Asked request) {
  Response response;
  std::map<wire::String, int> named;
  for (const Asked::Topic& topic : request.topics) ++named[topic.name];
  for (const auto& [name, count] : named) {
    if (count > 1)
      response.results.push_back(refusal(
          call, name, {.code = wire::ErrorCode::kInvalidRequest, .text = "named more than once"}));
  }
  for (Asked::Topic& topic : request.topics) {
    if (named[topic.name] > 1) continue;
    auto answered = co_await grow(call, std::move(topic), request.validate_only);
    response.results.push_back(answered);
  }
  co_return response;
}

}  // namespace streamhouse::kafka
