#include <map>
#include <utility>

#include "kafka/error_code.h"
#include "kafka/handlers.h"
#include "kafka/records/leader_epoch.h"

namespace streamhouse::kafka {
namespace {

using runtime::Task;
using Asked = wire::ListOffsetsRequest;
using Response = wire::ListOffsetsResponse;

// What a negative timestamp asks for.
constexpr std::int64_t kLatest = -1;
constexpr std::int64_t kEarliest = -2;
constexpr std::int64_t kMaxTimestamp = -3;
constexpr std::int64_t kEarliestLocal = -4;  ///< Nothing is tiered: the earliest.
constexpr std::int64_t kLatestTiered = -5;
constexpr std::int64_t kEarliestPendingUpload = -6;

/// The version that a question came with.
wire::Version version_of_question(std::int64_t timestamp) {
  switch (timestamp) {
    case kMaxTimestamp:
      return 7;
    case kEarliestLocal:
      return 8;
    case kLatestTiered:
      return 9;
    case kEarliestPendingUpload:
      return 11;
    default:
      return 0;
  }
}

Response::Partition answer(const Asked::Partition& asked, wire::ErrorCode code) {
  return {.partition_index = asked.partition_index, .error_code = code};
}

/// Of a record with a time, or of the newest of all.
Task<Response::Partition> find_time(Call& call, std::string topic, Asked::Partition asked,
                                    std::int32_t epoch) {
  const model::PartitionIndex partition(asked.partition_index);
  std::optional<std::int64_t> time;
  if (asked.timestamp != kMaxTimestamp) time = asked.timestamp;
  const auto hit = co_await call.services.fetch.find_time(std::move(topic), partition, time);
  if (!hit) co_return answer(asked, error_code(hit.error()));
  Response::Partition found = answer(asked, wire::ErrorCode::kNone);
  if (!hit->found) co_return found;
  found.offset = hit->offset.value();
  found.timestamp = hit->timestamp;
  found.leader_epoch = epoch;
  co_return found;
}

Task<Response::Partition> list(Call& call, std::string topic, Asked::Partition asked) {
  if (call.version() < version_of_question(asked.timestamp))
    co_return answer(asked, wire::ErrorCode::kUnsupportedVersion);
  const model::PartitionIndex partition(asked.partition_index);
  const auto led = co_await call.services.fetch.led(topic, partition);
  if (!led) co_return answer(asked, error_code(led.error()));
  const partition::PartitionLog& log = *led->log;
  const std::int32_t epoch = log.epoch().value();
  Response::Partition listed = answer(asked, check_epoch(log.epoch(), asked.current_leader_epoch));
  if (listed.error_code != wire::ErrorCode::kNone) co_return listed;
  switch (asked.timestamp) {
    case kLatest:
      listed.offset = log.high_watermark().value();
      break;
    case kEarliest:
    case kEarliestLocal:
      listed.offset = log.log_start().value();
      break;
    case kLatestTiered:
    case kEarliestPendingUpload:
      co_return listed;
    default:
      co_return co_await find_time(call, std::move(topic), asked, epoch);
  }
  listed.leader_epoch = epoch;
  co_return listed;
}

}  // namespace

Answer<Response> handle(Call& call, Asked request) {
  Response response;
  std::map<std::pair<wire::String, std::int32_t>, int> asked_times;
  for (const Asked::Topic& topic : request.topics)
    for (const Asked::Partition& partition : topic.partitions)
      ++asked_times[{topic.name, partition.partition_index}];
  for (const Asked::Topic& topic : request.topics) {
    Response::Topic answered{.name = topic.name, .partitions = {}};
    for (const Asked::Partition& partition : topic.partitions) {
      if (asked_times[{topic.name, partition.partition_index}] > 1) {
        answered.partitions.push_back(answer(partition, wire::ErrorCode::kInvalidRequest));
        continue;
      }
      auto listed = co_await list(call, std::string(topic.name), partition);
      answered.partitions.push_back(listed);
    }
    response.topics.push_back(std::move(answered));
  }
  co_return response;
}

}  // namespace streamhouse::kafka
