#include "kafka/error_code.h"
#include "kafka/handlers.h"

namespace streamhouse::kafka {
namespace {

using runtime::Task;
using Asked = wire::DescribeLogDirsRequest;
using Response = wire::DescribeLogDirsResponse;

/// What the object store holds of the partitions that are led here. What is asked for and is led
/// elsewhere, or not there, is left out.
Task<Response::Topic> describe(Call& call, std::string name, std::vector<std::int32_t> partitions) {
  Response::Topic described{.name = call.texts.keep(name), .partitions = {}};
  for (const std::int32_t index : partitions) {
    const auto led = co_await call.services.fetch.led(name, model::PartitionIndex(index));
    if (!led) continue;
    described.partitions.push_back(
        {.partition_index = index,
         .partition_size = static_cast<std::int64_t>(led->log->span_bytes())});
  }
  co_return described;
}

std::vector<Asked::Topic> all_topics(Call& call) {
  std::vector<Asked::Topic> all;
  const auto topics = call.services.topics.list();
  for (const cluster::TopicPtr& topic : *topics) {
    Asked::Topic& one = all.emplace_back();
    one.topic = call.texts.keep(topic->name);
    for (std::int32_t index = 0; index < topic->partition_count; ++index)
      one.partitions.push_back(index);
  }
  return all;
}

}  // namespace

Answer<Response> handle(Call& call, Asked request) {
  Response response;
  Response::LogDir& store = response.results.emplace_back();
  store.log_dir = "object-store";
  const std::vector<Asked::Topic> topics =
      request.topics ? *std::move(request.topics) : all_topics(call);
  for (const Asked::Topic& topic : topics) {
    auto described = co_await describe(call, std::string(topic.topic), topic.partitions);
    if (!described.partitions.empty()) store.topics.push_back(std::move(described));
  }
  co_return response;
}

}  // namespace streamhouse::kafka
