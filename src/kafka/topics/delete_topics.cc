#include <map>
#include <tuple>

#include "kafka/handlers.h"
#include "kafka/topics/topic_lookup.h"

namespace streamhouse::kafka {
namespace {

using runtime::Task;
using wire::ErrorCode;
using Asked = wire::DeleteTopicsRequest;
using Response = wire::DeleteTopicsResponse;

constexpr wire::Version kByNameOrId = 6;

Response::Topic refusal(Call& call, Asked::Topic asked, const Refusal& why) {
  return {.name = asked.name,
          .topic_id = asked.topic_id,
          .error_code = why.code,
          .error_message = call.texts.keep(why.text)};
}

Task<Response::Topic> remove(Call& call, Asked::Topic asked) {
  const bool by_id = asked.topic_id != kNoTopicId;
  if (by_id == asked.name.has_value())
    co_return refusal(call, asked,
                      {.code = ErrorCode::kInvalidRequest, .text = "expected a name or an id"});
  const auto topic = co_await find_topic(call, asked.name, asked.topic_id);
  if (!topic) co_return refusal(call, asked, topic.error());
  std::optional<model::TopicId> id;
  if (by_id) id = (*topic)->id;
  const auto removed = co_await call.services.topic_service.remove((*topic)->name, id);
  // It is gone; only its name is not free before a leader that is dead has been taken over.
  const bool gone = removed || removed.error().code == base::Errc::kConflict;
  const ErrorAbout about = by_id ? ErrorAbout::kTopicId : ErrorAbout::kRequest;
  if (!gone) co_return refusal(call, asked, refuse(removed.error(), about));
  co_return Response::Topic{.name = call.texts.keep((*topic)->name),
                            .topic_id = (*topic)->id.bytes};
}

/// The topic that is meant as far as it is known here, which a name and an id may be of; else both.
using Key = std::tuple<model::TopicNo, wire::NullableString, wire::Uuid>;

Key key_of(const Call& call, const Asked::Topic& asked) {
  const bool by_id = asked.topic_id != kNoTopicId;
  const cluster::TopicCatalog& topics = call.services.topics;
  const cluster::TopicPtr topic =
      by_id ? topics.find(model::TopicId{asked.topic_id}) : topics.find(asked.name.value_or(""));
  if (topic) return {topic->no, std::nullopt, kNoTopicId};
  return {model::TopicNo(), asked.name, asked.topic_id};
}

/// Each topic once; what stands there more often is refused in `response`, and not returned.
std::vector<Asked::Topic> without_repeats(Call& call, const std::vector<Asked::Topic>& topics,
                                          Response& response) {
  std::map<Key, int> times;
  for (const Asked::Topic& topic : topics) ++times[key_of(call, topic)];
  std::vector<Asked::Topic> single;
  for (const Asked::Topic& topic : topics) {
    if (times[key_of(call, topic)] == 1)
      single.push_back(topic);
    else
      response.responses.push_back(refusal(
          call, topic, {.code = ErrorCode::kInvalidRequest, .text = "named more than once"}));
  }
  return single;
}

}  // namespace

Answer<Response> handle(Call& call, Asked request) {
  Response response;
  if (call.version() < kByNameOrId) {
    for (const wire::String name : request.topic_names)
      request.topics.push_back({.name = name, .topic_id = {}});
  }
  for (const Asked::Topic& topic : without_repeats(call, request.topics, response)) {
    auto removed = co_await remove(call, topic);
    response.responses.push_back(removed);
  }
  co_return response;
}

}  // namespace streamhouse::kafka
