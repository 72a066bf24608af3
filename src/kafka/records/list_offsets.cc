#include <algorithm>
#include <map>
#include <utility>
#include <vector>

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

/// A topic's name by its number, so that long names are compared once, and a partition.
using Place = std::pair<std::size_t, std::int32_t>;

/// For each topic of a request; equal names have one number.
std::vector<std::size_t> numbers_of(const std::vector<Asked::Topic>& topics) {
  std::map<wire::String, std::size_t> known;
  std::vector<std::size_t> numbers;
  for (const Asked::Topic& topic : topics)
    numbers.push_back(known.try_emplace(topic.name, known.size()).first->second);
  return numbers;
}

/// What is asked for more than once, in order.
std::vector<Place> repeated(const std::vector<Asked::Topic>& topics,
                            const std::vector<std::size_t>& numbers) {
  std::vector<Place> places;
  for (std::size_t i = 0; i < topics.size(); ++i)
    for (const Asked::Partition& partition : topics[i].partitions)
      places.emplace_back(numbers[i], partition.partition_index);
  std::ranges::sort(places);
  std::vector<Place> twice;
  for (std::size_t i = 1; i < places.size(); ++i)
    if (places[i] == places[i - 1]) twice.push_back(places[i]);
  return twice;
}

}  // namespace

Answer<Response> handle(Call& call, Asked request) {
  Response response;
  const std::vector<std::size_t> numbers = numbers_of(request.topics);
  const std::vector<Place> twice = repeated(request.topics, numbers);
  for (std::size_t i = 0; i < request.topics.size(); ++i) {
    const Asked::Topic& topic = request.topics[i];
    Response::Topic answered{.name = topic.name, .partitions = {}};
    for (const Asked::Partition& partition : topic.partitions) {
      if (std::ranges::binary_search(twice, Place(numbers[i], partition.partition_index))) {
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
