#include "runtime/sim/sim_runtime.h"

#include <algorithm>
#include <boost/asio/execution/blocking.hpp>
#include <boost/asio/execution/context.hpp>
#include <boost/asio/execution_context.hpp>
#include <cstdio>
#include <utility>

#include "base/check.h"
#include "runtime/sim/sim_scheduler.h"

namespace streamhouse::runtime {

namespace asio = boost::asio;

namespace {

/// 2024-01-01 00:00 UTC, where every simulation starts.
constexpr Duration kWallStart = std::chrono::seconds(1'704'067'200);

}  // namespace

/// What Asio asks of an executor: submits to the process's queue, never runs inside the call.
class SimRuntime::QueueExecutor {
 public:
  explicit QueueExecutor(SimRuntime& runtime) : runtime_(&runtime) {}

  asio::execution_context& query(asio::execution::context_t) const noexcept {
    return *runtime_->context_;
  }
  static constexpr asio::execution::blocking_t query(asio::execution::blocking_t) noexcept {
    return asio::execution::blocking.never;
  }
  template <class Function>
  void execute(Function&& function) const {
    runtime_->submit(Callback(std::forward<Function>(function)));
  }
  bool operator==(const QueueExecutor&) const noexcept = default;

 private:
  SimRuntime* runtime_;
};

SimRuntime::SimRuntime(Key, SimScheduler& scheduler, std::string name, SimClock clock)
    : scheduler_(scheduler),
      name_(std::move(name)),
      random_(scheduler.random().fork()),
      clock_(clock),
      context_(std::make_unique<asio::execution_context>()) {}

SimRuntime::~SimRuntime() { crash(); }

MonoTime SimRuntime::now() const {
  return MonoTime(scheduler_.elapsed() + clock_.monotonic_offset);
}

WallMs SimRuntime::wall_now() const {
  const Duration wall = kWallStart + scheduler_.elapsed() + clock_.wall_offset;
  return std::chrono::duration_cast<std::chrono::milliseconds>(wall).count();
}

Executor SimRuntime::executor() { return QueueExecutor(*this); }

void SimRuntime::post(Callback callback) { submit(std::move(callback)); }

void SimRuntime::submit(Callback callback) {
  if (!alive_) return condemn(std::move(callback));
  ready_.push_back({.order = scheduler_.submitted_++, .callback = std::move(callback)});
}

TimerId SimRuntime::schedule(MonoTime at, Callback callback) {
  if (alive_) return timers_.schedule(at, std::move(callback));
  condemn(std::move(callback));
  return 0;
}

void SimRuntime::cancel(TimerId timer) { timers_.cancel(timer); }

void SimRuntime::crash() {
  if (alive_) std::erase(scheduler_.living_, this);
  alive_ = false;
  bury();
}

Task<void> SimRuntime::crash_here() {
  crash();
  co_await waiters().wait([](WaiterId) {});
}

void SimRuntime::condemn(Callback callback) {
  condemned_.push_back(std::move(callback));
  bury();
}

/// Destroying a coroutine submits the destruction to its executor, which comes back to condemn():
/// the loop, not recursion, gets to it, and never while a callback of this process is running.
void SimRuntime::bury() {
  if (burying_ || scheduler_.running_ == this) return;
  burying_ = true;
  do {
    for (Ready& ready : std::exchange(ready_, {})) condemned_.push_back(std::move(ready.callback));
    while (Callback call = timers_.take_any()) condemned_.push_back(std::move(call));
    drop_waiters();
    while (!condemned_.empty()) {
      const Callback last_held = std::move(condemned_.front());
      condemned_.pop_front();
    }
  } while (timers_.size() > 0 || waiters().size() > 0);
  burying_ = false;
}

void SimRuntime::pause(Duration duration) {
  paused_until_ = std::max(paused_until_, scheduler_.elapsed() + duration);
}

void SimRuntime::jump_monotonic_clock(Duration by) {
  SH_CHECK(by >= Duration(0), "a monotonic clock never goes back");
  clock_.monotonic_offset += by;
}

bool SimRuntime::timer_due() const {
  const auto next = timers_.next_deadline();
  return next && *next <= now();
}

std::size_t SimRuntime::runnable_count() const {
  if (paused_until_ > scheduler_.elapsed()) return 0;
  return ready_.size() + (timer_due() ? 1 : 0);
}

std::optional<Duration> SimRuntime::next_run() const {
  const auto timer = timers_.next_deadline();
  const bool timed = timer && *timer != MonoTime::max();
  if (ready_.empty() && !timed) return std::nullopt;
  Duration next = scheduler_.elapsed();
  if (ready_.empty()) next = std::max(next, timer->time_since_epoch() - clock_.monotonic_offset);
  return std::max(next, paused_until_);
}

void SimRuntime::run_until_ended(Task<void> task) {
  bool ended = false;
  spawn_then(std::move(task), [&ended] { ended = true; });
  const RunEnd end = scheduler_.run_until([&ended] { return ended; });
  if (end != RunEnd::kDone) std::fputs(scheduler_.report().c_str(), stderr);
  SH_CHECK(end == RunEnd::kDone, "the task can end");
}

}  // namespace streamhouse::runtime
