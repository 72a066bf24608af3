#include <algorithm>

#include "kafka/error_code.h"
#include "kafka/handlers.h"
#include "kafka/records/leader_epoch.h"

namespace streamhouse::kafka {
namespace {

using runtime::Task;
using Asked = wire::OffsetForLeaderEpochRequest;
using Response = wire::OffsetForLeaderEpochResponse;

/// Committed records are never taken back, so every position that a client can have from an earlier
/// epoch is good: each epoch is answered as if it had lasted until now.
Task<Response::Partition> end_of_epoch(Call& call, std::string topic, Asked::Partition asked) {
  const model::PartitionIndex partition(asked.partition);
  const auto led = co_await call.services.fetch.led(std::move(topic), partition);
  Response::Partition answered{.partition = asked.partition};
  if (!led) {
    answered.error_code = error_code(led.error());
    co_return answered;
  }
  const partition::PartitionLog& log = *led->log;
  answered.error_code = check_epoch(log.epoch(), asked.current_leader_epoch);
  const bool known = asked.leader_epoch >= 0 && asked.leader_epoch <= log.epoch().value();
  if (answered.error_code != wire::ErrorCode::kNone || !known) co_return answered;
  answered.leader_epoch = asked.leader_epoch;
  answered.end_offset = log.high_watermark().value();
  co_return answered;
}

}  // namespace

Answer<Response> handle(Call& call, Asked request) {
  Response response;
  for (const Asked::Topic& topic : request.topics) {
    Response::Topic answered{.topic = topic.topic, .partitions = {}};
    for (const Asked::Partition& partition : topic.partitions) {
      auto one = co_await end_of_epoch(call, std::string(topic.topic), partition);
      answered.partitions.push_back(one);
    }
    response.topics.push_back(std::move(answered));
  }
  co_return response;
}

}  // namespace streamhouse::kafka
