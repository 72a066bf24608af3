#include "rpc/core_bridge.h"

#include <utility>

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
  finish_soon({.reactor = reactor, .status = to_status(outcome, *context)});
}

/// A call that another thread than gRPC's own finishes wakes two of those. The answers of a commit
/// are ready at once and finished together, for one such wake.
void CoreBridge::finish_soon(Answer answer) {
  {
    const std::lock_guard lock(mutex_);
    ready_.push_back(std::move(answer));
    if (std::exchange(finishing_, true)) return;
  }
  alarm_ = std::make_unique<grpc::Alarm>();
  alarm_->Set(gpr_inf_past(GPR_CLOCK_MONOTONIC), [this](bool) { finish_ready(); });
}

void CoreBridge::finish_ready() {
  std::vector<Answer> answers;
  std::unique_lock lock(mutex_);
  while (!ready_.empty()) {
    answers.swap(ready_);
    lock.unlock();
    for (const Answer& answer : answers) answer.reactor->Finish(answer.status);
    answers.clear();
    lock.lock();
  }
  finishing_ = false;
  finished_.notify_all();
}

/// The last call may have ended, and with it the server, before finish_ready() returns.
CoreBridge::~CoreBridge() {
  std::unique_lock lock(mutex_);
  finished_.wait(lock, [this] { return !finishing_; });
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
