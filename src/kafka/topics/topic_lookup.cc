#include "kafka/topics/topic_lookup.h"

namespace streamhouse::kafka {

runtime::Task<std::expected<cluster::TopicPtr, Refusal>> find_topic(Call& call,
                                                                    wire::NullableString name,
                                                                    wire::Uuid id,
                                                                    ErrorAbout about) {
  cluster::TopicCatalog& topics = call.services.topics;
  if (!name) {
    const model::TopicId wanted{id};
    cluster::TopicPtr topic = topics.find(wanted);
    if (topic) co_return topic;
    co_return std::unexpected(Refusal{.code = wire::ErrorCode::kUnknownTopicId,
                                      .text = "there is no topic with id " + to_string(wanted)});
  }
  auto topic = co_await topics.get(std::string(*name));
  if (topic) co_return *std::move(topic);
  co_return std::unexpected(refuse(std::move(topic).error(), about));
}

}  // namespace streamhouse::kafka
