#include <algorithm>
#include <map>
#include <utility>

#include "kafka/handlers.h"
#include "kafka/records/fetch_reader.h"

namespace streamhouse::kafka {
namespace {

constexpr wire::Version kLeaderHints = 16;
// The session epochs of requests that name all they want.
constexpr std::int32_t kNewSession = 0;
constexpr std::int32_t kNoSession = -1;
/// However long a client wants to wait.
constexpr auto kWaitMax = std::chrono::minutes(5);

/// What is named twice counts once, as it is asked for last, as in Kafka: so nobody has work and
/// memory many times over. Without sessions there is nothing to forget either.
void simplify(wire::FetchRequest& request) {
  request.forgotten_topics_data = {};
  using Partition = wire::FetchRequest::Partition;
  // By number, so that long names are compared once.
  std::map<std::pair<wire::String, wire::Uuid>, std::size_t> numbers;
  std::map<std::pair<std::size_t, std::int32_t>, Partition*> asked;
  for (wire::FetchRequest::Topic& topic : request.topics) {
    const std::size_t number =
        numbers.try_emplace({topic.topic, topic.topic_id}, numbers.size()).first->second;
    std::size_t kept = 0;
    for (const Partition& partition : topic.partitions) {
      const auto [place, first] =
          asked.try_emplace({number, partition.partition}, &topic.partitions[kept]);
      *place->second = partition;
      if (first) ++kept;
    }
    topic.partitions.resize(kept);
  }
  std::erase_if(request.topics, [](const auto& topic) { return topic.partitions.empty(); });
}

}  // namespace

/// Fetch sessions are never opened: whoever wants to go on with one has it from elsewhere. While it
/// waits the connection's next request begins: it may be the heartbeat of a member. Not while it
/// reads, or one connection would hold the records of many answers in memory.
Answer<wire::FetchResponse> handle(Call& call, wire::FetchRequest request) {
  const bool is_full = request.session_epoch == kNewSession || request.session_epoch == kNoSession;
  if (!is_full) {
    constexpr auto kError = wire::ErrorCode::kFetchSessionIdNotFound;
    call.services.metrics.fetch_refused(kError);
    call.services.metrics.fetch_ended(service::Outcome::kRefused, {});
    co_return wire::FetchResponse{.error_code = kError};
  }
  const runtime::Duration wait = std::chrono::milliseconds(request.max_wait_ms);
  const runtime::MonoTime deadline =
      call.services.runtime.now() + std::min<runtime::Duration>(wait, kWaitMax);
  simplify(request);
  FetchReader reader(call, std::move(request));
  co_await reader.open();
  co_await reader.read();
  while (!reader.complete() && !call.client.gone && call.services.runtime.now() < deadline) {
    call.turn.pass();
    co_await reader.wait(deadline);
    co_await reader.read();
  }
  if (call.version() >= kLeaderHints) co_await reader.name_leaders();
  co_return reader.answer();
}

}  // namespace streamhouse::kafka
