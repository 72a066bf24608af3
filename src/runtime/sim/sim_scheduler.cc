#include "runtime/sim/sim_scheduler.h"

#include <algorithm>
#include <utility>

namespace streamhouse::runtime {
namespace {

/// One step of FNV-1a (Fowler, Noll, Vo), over 64-bit words.
std::uint64_t mix(std::uint64_t digest, std::uint64_t word) {
  return (digest ^ word) * 0x00000100000001b3;
}

}  // namespace

SimScheduler::SimScheduler(SimOptions options)
    : options_(options),
      random_(options.seed),
      order_random_(random_.fork()),
      digest_(mix(0xcbf29ce484222325, options.seed)) {}

SimScheduler::~SimScheduler() {
  for (const auto& runtime : runtimes_) runtime->crash();
}

SimRuntime& SimScheduler::add_runtime(std::string name, SimClock clock) {
  auto& runtime = *runtimes_.emplace_back(
      std::make_unique<SimRuntime>(SimRuntime::Key(), *this, std::move(name), clock));
  runtime.number_ = runtimes_.size();
  living_.push_back(&runtime);
  return runtime;
}

bool SimScheduler::step() {
  if (move_to_work(Duration::max())) return false;
  run(options_.ready_order == ReadyOrder::kRandom ? choose_random() : choose_first());
  return true;
}

std::optional<RunEnd> SimScheduler::move_to_work(Duration time_max) {
  if (elapsed_ > time_max) return RunEnd::kTime;
  if (runnable_count() > 0) return std::nullopt;
  const auto next = next_run();
  if (!next) return RunEnd::kIdle;
  elapsed_ = std::max(elapsed_, std::min(*next, time_max));
  return *next > time_max ? std::optional(RunEnd::kTime) : std::nullopt;
}

std::size_t SimScheduler::runnable_count() const {
  std::size_t count = 0;
  for (const SimRuntime* runtime : living_) count += runtime->runnable_count();
  return count;
}

std::optional<Duration> SimScheduler::next_run() const {
  std::optional<Duration> earliest;
  for (const SimRuntime* runtime : living_) {
    const auto next = runtime->next_run();
    if (next && (!earliest || *next < *earliest)) earliest = next;
  }
  return earliest;
}

SimScheduler::Choice SimScheduler::choose_random() {
  std::size_t index = order_random_.below(runnable_count());
  auto runtime = living_.begin();
  while (index >= (*runtime)->runnable_count()) index -= (*runtime++)->runnable_count();
  auto& ready = (*runtime)->ready_;
  if (index >= ready.size()) return {*runtime, (*runtime)->timers_.take_due((*runtime)->now())};
  std::swap(ready[index], ready.back());
  Choice choice{*runtime, std::move(ready.back().callback)};
  ready.pop_back();
  return choice;
}

SimScheduler::Choice SimScheduler::choose_first() {
  SimRuntime* due = nullptr;
  SimRuntime* first = nullptr;
  for (SimRuntime* runtime : living_) {
    if (runtime->runnable_count() == 0) continue;
    if (due == nullptr && runtime->timer_due()) due = runtime;
    if (runtime->ready_.empty()) continue;
    if (first == nullptr || runtime->ready_.front().order < first->ready_.front().order)
      first = runtime;
  }
  timers_turn_ = !timers_turn_;
  if (first == nullptr || (due != nullptr && timers_turn_))
    return {due, due->timers_.take_due(due->now())};
  Choice choice{first, std::move(first->ready_.front().callback)};
  first->ready_.pop_front();
  return choice;
}

void SimScheduler::run(Choice choice) {
  ++steps_;
  digest_ =
      mix(mix(digest_, choice.runtime->number_), static_cast<std::uint64_t>(elapsed_.count()));
  elapsed_ += options_.step_time;
  running_ = choice.runtime;
  choice.callback();
  choice.callback = nullptr;  // what it holds is destroyed as part of the step
  running_ = nullptr;
  if (!choice.runtime->alive()) choice.runtime->bury();
}

RunEnd SimScheduler::run_until(const std::function<bool()>& done, RunLimits limits) {
  for (std::uint64_t left = limits.steps_max;; --left) {
    if (done()) return RunEnd::kDone;
    if (left == 0) return RunEnd::kSteps;
    if (const auto why = move_to_work(limits.time)) return *why;
    step();
  }
}

RunEnd SimScheduler::run_for(Duration duration) {
  const Duration end = elapsed_ + duration;
  const RunEnd why = run_until([] { return false; }, {.time = end});
  if (why == RunEnd::kIdle) elapsed_ = std::max(elapsed_, end);
  return why == RunEnd::kIdle ? RunEnd::kTime : why;
}

std::string SimScheduler::report() const {
  std::string text;
  for (SimRuntime* runtime : living_) {
    if (runtime->task_count() == 0 && runtime->waiters().size() == 0) continue;
    text += runtime->name() + ": " + std::to_string(runtime->task_count()) + " tasks, " +
            std::to_string(runtime->waiters().size()) + " coroutines waiting, " +
            std::to_string(runtime->ready_.size()) + " calls ready, " +
            std::to_string(runtime->timers_.size()) + " timers\n";
  }
  return text;
}

}  // namespace streamhouse::runtime
