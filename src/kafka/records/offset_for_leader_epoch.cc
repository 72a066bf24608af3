#include <map>

#include "kafka/error_code.h"
#include "kafka/handlers.h"
#include "kafka/records/leader_epoch.h"

namespace streamhouse::kafka {
namespace {

using runtime::Task;
using Asked = wire::OffsetForLeaderEpochRequest;
using Response = wire::OffsetForLeaderEpochResponse;

constexpr auto kConfirmPatience = std::chrono::seconds(5);

/// What is asked, and who leads it here.
struct Found {
  Asked::Partition asked;
  base::Result<service::LedPartition> led;
};

Task<std::vector<Found>> find_all(Call& call, std::vector<Asked::Topic> topics) {
  std::vector<Found> found;
  for (const Asked::Topic& topic : topics) {
    for (const Asked::Partition& asked : topic.partitions) {
      const model::PartitionIndex partition(asked.partition);
      auto led = co_await call.services.fetch.led(std::string(topic.topic), partition);
      found.push_back({.asked = asked, .led = std::move(led)});
    }
  }
  co_return found;
}

/// A leader that was replaced without knowing it would take its own end for that of the log, and
/// clients what follows for lost (P14). One heartbeat is for all that are asked for together.
Task<std::vector<Found>> confirm(std::vector<Found> found) {
  std::map<const service::SessionScope*, bool> confirmed;
  for (Found& each : found) {
    if (!each.led) continue;
    service::SessionScope& scope = *each.led->scope;
    const auto [known, first] = confirmed.try_emplace(&scope, false);
    if (first) known->second = co_await scope.session().confirm(kConfirmPatience);
    const bool leads = known->second && each.led->log->state() == partition::LogState::kLeading;
    if (!leads) each.led = base::make_error(base::Errc::kNotLeader, "not led here");
  }
  co_return found;
}

/// Committed records are never taken back, so every position that a client can have from an earlier
/// epoch is good: each epoch is answered as if it had lasted until now.
Response::Partition end_of_epoch(const Found& found) {
  const Asked::Partition& asked = found.asked;
  Response::Partition answered{.partition = asked.partition};
  if (!found.led) {
    answered.error_code = error_code(found.led.error());
    return answered;
  }
  const partition::PartitionLog& log = *found.led->log;
  answered.error_code = check_epoch(log.epoch(), asked.current_leader_epoch);
  const bool known = asked.leader_epoch >= 0 && asked.leader_epoch <= log.epoch().value();
  if (answered.error_code != wire::ErrorCode::kNone || !known) return answered;
  answered.leader_epoch = asked.leader_epoch;
  answered.end_offset = log.high_watermark().value();
  return answered;
}

}  // namespace

Answer<Response> handle(Call& call, Asked request) {
  Response response;
  auto found = co_await find_all(call, request.topics);
  const auto confirmed = co_await confirm(std::move(found));
  auto next = confirmed.begin();
  for (const Asked::Topic& topic : request.topics) {
    Response::Topic& answered = response.topics.emplace_back();
    answered.topic = topic.topic;
    for (std::size_t i = 0; i < topic.partitions.size(); ++i)
      answered.partitions.push_back(end_of_epoch(*next++));
  }
  co_return response;
}

}  // namespace streamhouse::kafka
