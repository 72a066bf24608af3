#include "kafka/error_code.h"
#include "kafka/handlers.h"

namespace streamhouse::kafka {
namespace {

using runtime::Task;
using Asked = wire::DeleteRecordsRequest;
using Response = wire::DeleteRecordsResponse;

Task<Response::Partition> raise_log_start(Call& call, std::string topic, Asked::Partition asked) {
  const auto moved = co_await call.services.topic_service.delete_records(
      std::move(topic), model::PartitionIndex(asked.partition_index), model::Offset(asked.offset));
  Response::Partition answered{.partition_index = asked.partition_index, .low_watermark = -1};
  if (moved) {
    answered.low_watermark = moved->value();
  } else {
    answered.error_code = error_code(moved.error());
  }
  co_return answered;
}

}  // namespace

Answer<Response> handle(Call& call, Asked request) {
  Response response;
  for (const Asked::Topic& topic : request.topics) {
    Response::Topic answered{.name = topic.name, .partitions = {}};
    for (const Asked::Partition& partition : topic.partitions) {
      auto one = co_await raise_log_start(call, std::string(topic.name), partition);
      answered.partitions.push_back(one);
    }
    response.topics.push_back(std::move(answered));
  }
  co_return response;
}

}  // namespace streamhouse::kafka
