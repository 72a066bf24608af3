#include <algorithm>

#include "kafka/handlers.h"
#include "kafka/records/fetch_reader.h"

namespace streamhouse::kafka {
namespace {

/// However long a client wants to wait.
constexpr auto kWaitMax = std::chrono::minutes(5);

}  // namespace

/// Fetch sessions are never opened: whoever names one has it from elsewhere. While it waits the
/// connection's next request begins: it may be the heartbeat of a member. Not while it reads, or
/// one connection would hold the records of many answers in memory.
Answer<wire::FetchResponse> handle(Call& call, wire::FetchRequest request) {
  if (request.session_id != 0) {
    constexpr auto kError = wire::ErrorCode::kFetchSessionIdNotFound;
    call.services.metrics.fetch_refused(kError);
    call.services.metrics.fetch_ended(service::Outcome::kRefused, {});
    co_return wire::FetchResponse{.error_code = kError};
  }
  const runtime::Duration wait = std::chrono::milliseconds(request.max_wait_ms);
  const runtime::MonoTime deadline =
      call.services.runtime.now() + std::min<runtime::Duration>(wait, kWaitMax);
  FetchReader reader(call, std::move(request));
  co_await reader.open();
  co_await reader.read();
  while (!reader.complete() && !call.client.gone && call.services.runtime.now() < deadline) {
    call.turn.pass();
    co_await reader.wait(deadline);
    co_await reader.read();
  }
  co_return reader.answer();
}

}  // namespace streamhouse::kafka
