#pragma once
/// \file  SimRuntime: one simulated process. Its clock is virtual, its executor a queue of the
/// SimScheduler, and it can crash, pause and have its clocks moved.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>

#include "runtime/runtime.h"

namespace boost::asio {
class execution_context;
}

namespace streamhouse::runtime {

class SimScheduler;

/// How far a process's clocks are from the scheduler's.
struct SimClock {
  Duration monotonic_offset = std::chrono::hours(1);
  Duration wall_offset = Duration(0);
};

/// Lifetime:  made by SimScheduler::add_runtime() and owned by the scheduler, also once crashed.
/// Threading: the scheduler's thread.
class SimRuntime final : public Runtime {
  /// Only the scheduler has one to give.
  class Key {
    friend class SimScheduler;
    Key() = default;
  };

 public:
  SimRuntime(Key key, SimScheduler& scheduler, std::string name, SimClock clock);
  ~SimRuntime() override;
  SimRuntime(const SimRuntime&) = delete;
  SimRuntime& operator=(const SimRuntime&) = delete;

  MonoTime now() const override;
  WallMs wall_now() const override;
  Random& random() override { return random_; }
  Executor executor() override;
  void post(Callback callback) override;
  TimerId schedule(MonoTime at, Callback callback) override;
  void cancel(TimerId timer) override;

  const std::string& name() const { return name_; }
  SimScheduler& scheduler() { return scheduler_; }

  /// The process dies: from now on nothing of it runs. What is queued, scheduled or waits is
  /// destroyed (destructors are all that runs; frames in no particular order, so objects that
  /// coroutines share must live outside their frames and be destroyed after this call), and what
  /// is submitted later too. Called from inside one of its own callbacks, for instance by a
  /// simulated file system, that callback still runs to its end or next await, and the rest is
  /// destroyed then. Idempotent.
  void crash();
  /// For a coroutine of this process: crash() that does not come back.
  Task<void> crash_here();
  bool alive() const { return alive_; }

  /// Nothing of the process runs for `duration`, as if it had been swapped out; its clocks go on.
  void pause(Duration duration);
  /// Moves the wall clock, forward or back.
  void jump_wall_clock(Duration by) { clock_.wall_offset += by; }
  /// Moves the monotonic clock forward; timers may come due. Requires: by >= 0.
  void jump_monotonic_clock(Duration by);

  /// Starts `task` and runs the scheduler until it has ended. Aborts with the scheduler's report
  /// if it never can.
  void run_until_ended(Task<void> task);

 private:
  friend class SimScheduler;
  class QueueExecutor;
  struct Ready {
    std::uint64_t order = 0;
    Callback callback;
  };

  void submit(Callback callback);
  void condemn(Callback callback);
  void bury();
  /// When the call that comes next can run, in scheduler time; nullopt if there is none.
  std::optional<Duration> next_run() const;
  bool timer_due() const;
  std::size_t runnable_count() const;

  SimScheduler& scheduler_;
  const std::string name_;
  std::uint64_t number_ = 0;  ///< 1 for the scheduler's first process.
  Random random_;
  SimClock clock_;
  std::unique_ptr<boost::asio::execution_context> context_;
  std::deque<Ready> ready_;
  TimerHeap timers_;
  std::deque<Callback> condemned_;  ///< To be destroyed without running.
  Duration paused_until_{0};
  bool alive_ = true;
  bool burying_ = false;
};

}  // namespace streamhouse::runtime
