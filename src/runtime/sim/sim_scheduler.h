#pragma once
/// \file  SimScheduler: virtual time and one deterministic order of execution for all simulated
/// processes of a test. The same seed gives the same order of everything.

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "runtime/random.h"
#include "runtime/sim/sim_runtime.h"
#include "runtime/time.h"

namespace streamhouse::runtime {

enum class ReadyOrder : std::uint8_t {
  kRandom,  ///< Any ready call of any process is as likely as any other.
  kFifo,    ///< First ready, first run.
};

struct SimOptions {
  std::uint64_t seed = 0;
  ReadyOrder ready_order = ReadyOrder::kRandom;
  Duration step_time = Duration(0);  ///< Virtual time that running one call takes.
};

/// Why a run ended.
enum class RunEnd : std::uint8_t {
  kDone,   ///< The predicate holds.
  kTime,   ///< The time is up.
  kSteps,  ///< The bound on steps is reached.
  kIdle,   ///< Nothing is ready or scheduled: what waits, waits for ever (see report()).
};

struct RunLimits {
  Duration time = Duration::max();  ///< Scheduler time to stop at.
  std::uint64_t steps_max = 50'000'000;
};

/// Time stands still while anything is ready, then jumps to the next timer.
/// Lifetime:  outlives what uses its runtimes; its end crashes them all. A component with
/// coroutines
///            under way ends only after its process crashed (or after its own close()).
/// Threading: one thread.
class SimScheduler {
 public:
  explicit SimScheduler(SimOptions options);
  ~SimScheduler();
  SimScheduler(const SimScheduler&) = delete;
  SimScheduler& operator=(const SimScheduler&) = delete;

  /// A new process; a restarted one is a new one too. Valid as long as the scheduler.
  SimRuntime& add_runtime(std::string name, SimClock clock = {});
  /// For the test's own decisions.
  Random& random() { return random_; }

  /// Virtual time since the start.
  Duration elapsed() const { return elapsed_; }
  /// Calls run so far.
  std::uint64_t steps() const { return steps_; }
  /// Of which process ran when, so far: equal for runs of equal seeds.
  std::uint64_t digest() const { return digest_; }

  /// Runs one ready call, after moving time on if none is ready. False if there is nothing to run.
  bool step();
  /// Steps until `done()` holds (asked before every step) or a limit is reached.
  RunEnd run_until(const std::function<bool()>& done, RunLimits limits = {});
  /// Steps until `duration` has passed; moves time on to there even if nothing runs.
  RunEnd run_for(Duration duration);
  /// A line per living process that has coroutines: how many, and how many of them wait.
  std::string report() const;

 private:
  friend class SimRuntime;
  /// A call taken from its process.
  struct Choice {
    SimRuntime* runtime = nullptr;
    Runtime::Callback callback;
  };
  /// Moves time on until something can run, at most to `time_max`. Returns why nothing can.
  std::optional<RunEnd> move_to_work(Duration time_max);
  std::size_t runnable_count() const;
  std::optional<Duration> next_run() const;
  Choice choose_random();
  Choice choose_first();
  void run(Choice choice);

  const SimOptions options_;
  Random random_;
  Random order_random_;
  Duration elapsed_{0};
  std::uint64_t steps_ = 0;
  std::uint64_t digest_ = 0;
  std::uint64_t submitted_ = 0;
  bool timers_turn_ = false;  ///< In kFifo, due timers and ready calls take turns.
  SimRuntime* running_ = nullptr;
  std::vector<SimRuntime*> living_;
  std::vector<std::unique_ptr<SimRuntime>> runtimes_;
};

}  // namespace streamhouse::runtime
