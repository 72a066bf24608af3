#include "rpc/core_bridge.h"

#include "rpc/error_status.h"

namespace streamhouse::rpc {

using base::Errc;

grpc::ServerUnaryReactor* CoreBridge::answer(grpc::CallbackServerContext* context, Work work) {
  grpc::ServerUnaryReactor* const reactor = context->DefaultReactor();
  post([this, context, reactor, work = std::move(work)]() mutable {
    spawn(run_unary(context, reactor, std::move(work)));
  });
  return reactor;
}

grpc::ServerUnaryReactor* CoreBridge::refuse(grpc::CallbackServerContext* context,
                                             const base::Error& error) {
  grpc::ServerUnaryReactor* const reactor = context->DefaultReactor();
  ports_.metrics.answered(error);
  reactor->Finish(to_status(error, *context));
  return reactor;
}

base::Result<MemoryBudget::Share> CoreBridge::admit(std::size_t bytes) {
  if (auto share = ports_.requests.try_take(bytes)) return *std::move(share);
  return {Errc::kThrottled, "calls in progress hold " + std::to_string(ports_.requests.used()) +
                                " of at most " + std::to_string(ports_.requests.limit()) +
                                " bytes; try again later"};
}

base::Result<Services> CoreBridge::services() const {
  if (services_) return *services_;
  return {Errc::kStopped, "the agent is starting or stopping; try again later"};
}

runtime::Task<void> CoreBridge::run_unary(grpc::CallbackServerContext* context,
                                          grpc::ServerUnaryReactor* reactor, Work work) {
  base::Result<Services> present = services();
  base::Status outcome;
  if (present) {
    runtime::Task<base::Status> task = work(*present);
    outcome = co_await std::move(task);
  } else {
    outcome = present.error();
  }
  if (!outcome) ports_.metrics.answered(outcome.error());
  reactor->Finish(to_status(outcome, *context));
}

void CoreBridge::close() {
  services_.reset();
  const std::set<OpenStream*> open = streams_;
  for (OpenStream* const stream : open) stream->drain();
}

void CoreBridge::spawn(runtime::Task<void> call) {
  ++calls_;
  ports_.runtime.spawn(counted(std::move(call)));
}

runtime::Task<void> CoreBridge::counted(runtime::Task<void> call) {
  co_await std::move(call);
  if (--calls_ == 0) idle_.notify_all();
}

runtime::Task<bool> CoreBridge::wait_idle(runtime::MonoTime deadline) {
  while (calls_ > 0) {
    const runtime::Woken woken = co_await idle_.wait_until(deadline);
    if (woken == runtime::Woken::kDeadline) co_return false;
  }
  co_return true;
}

}  // namespace streamhouse::rpc
