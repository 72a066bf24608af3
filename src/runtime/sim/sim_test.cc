// Goal: a simulation is deterministic, its clocks and order are the scheduler's, and a crash at any
// moment stops one process for good without leaking or running any of its code (run under address
// sanitizer too).
// Method: small worlds of several processes; every step of a scenario is tried as crash point.
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "runtime/one_shot.h"
#include "runtime/run_task.h"
#include "runtime/signal.h"
#include "runtime/sim/sim_blocking_pool.h"
#include "runtime/sim/sim_runtime.h"
#include "runtime/sim/sim_scheduler.h"
#include "runtime/task_group.h"

namespace streamhouse::runtime {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::seconds;

using Trace = std::vector<std::pair<int, std::int64_t>>;

Task<void> act(SimRuntime& runtime, int number, int rounds, Trace& trace) {
  for (int round = 0; round < rounds; ++round) {
    const Duration pause = microseconds(runtime.random().between(0, 500'000));
    co_await runtime.sleep(pause);
    trace.emplace_back(number, runtime.now().time_since_epoch().count());
  }
}

std::pair<Trace, std::uint64_t> run_actors(SimOptions options, int rounds) {
  SimScheduler scheduler(options);
  Trace trace;
  SimRuntime* processes[] = {&scheduler.add_runtime("a"), &scheduler.add_runtime("b")};
  for (int number = 0; number < 100; ++number) {
    SimRuntime& home = *processes[number % 2];
    home.spawn(act(home, number, rounds, trace));
  }
  EXPECT_EQ(scheduler.run_until([] { return false; }), RunEnd::kIdle);
  EXPECT_EQ(scheduler.report(), "");
  return {trace, scheduler.digest()};
}

TEST(SimSchedulerTest, TheSameSeedGivesTheSameTrace) {
  const auto first = run_actors({.seed = 5}, 2000);
  ASSERT_EQ(first.first.size(), 200'000u);
  EXPECT_EQ(first, run_actors({.seed = 5}, 2000));
}

TEST(SimSchedulerTest, SeedsAndOrdersGiveDifferentTraces) {
  const auto first = run_actors({.seed = 5}, 100);
  const auto other_seed = run_actors({.seed = 6}, 100);
  const SimOptions fifo{.seed = 5, .ready_order = ReadyOrder::kFifo};
  const auto in_order = run_actors(fifo, 100);
  EXPECT_NE(first, other_seed);
  EXPECT_NE(first.second, other_seed.second);
  EXPECT_NE(first, in_order);
  EXPECT_EQ(in_order, run_actors(fifo, 100));
}

std::string order_of_posts(SimOptions options) {
  SimScheduler scheduler(options);
  SimRuntime& first = scheduler.add_runtime("first");
  SimRuntime& second = scheduler.add_runtime("second");
  std::string order;
  for (const char letter : std::string("abcdefgh")) {
    SimRuntime& home = letter % 2 == 0 ? first : second;
    home.post([&order, letter] { order += letter; });
  }
  while (scheduler.step()) continue;
  return order;
}

TEST(SimSchedulerTest, ReadyCallsRunFirstComeFirstServedOrInAnyOrder) {
  EXPECT_EQ(order_of_posts({.ready_order = ReadyOrder::kFifo}), "abcdefgh");
  std::set<std::string> orders;
  for (std::uint64_t seed = 0; seed < 100; ++seed) orders.insert(order_of_posts({.seed = seed}));
  EXPECT_GT(orders.size(), 95u);
}

TEST(SimSchedulerTest, TimersAndReadyCallsDoNotStarveOneAnother) {
  for (const ReadyOrder order : {ReadyOrder::kRandom, ReadyOrder::kFifo}) {
    SimScheduler scheduler({.ready_order = order});
    SimRuntime& runtime = scheduler.add_runtime("process");
    bool stop = false;
    int yields = 0;
    int naps = 0;
    const auto yielder = [&]() -> Task<void> {
      while (!stop) {
        ++yields;
        co_await runtime.yield();
      }
    };
    const auto napper = [&]() -> Task<void> {
      while (!stop) {
        ++naps;
        co_await runtime.sleep(Duration(0));
      }
    };
    runtime.spawn(yielder());
    runtime.spawn(napper());
    EXPECT_EQ(scheduler.run_until([] { return false; }, {.steps_max = 10'000}), RunEnd::kSteps);
    EXPECT_GT(yields, 1000);
    EXPECT_GT(naps, 1000);
    stop = true;
    EXPECT_EQ(scheduler.run_until([] { return false; }), RunEnd::kIdle);
  }
}

TEST(SimSchedulerTest, RunsEndAtTheTimeAskedFor) {
  SimScheduler scheduler({});
  SimRuntime& runtime = scheduler.add_runtime("process");
  int fired = 0;
  runtime.schedule(runtime.now() + seconds(2), [&] { ++fired; });
  EXPECT_EQ(scheduler.run_for(seconds(1)), RunEnd::kTime);
  EXPECT_EQ(scheduler.elapsed(), seconds(1));
  EXPECT_EQ(fired, 0);
  EXPECT_EQ(scheduler.run_for(seconds(5)), RunEnd::kTime);
  EXPECT_EQ(scheduler.elapsed(), seconds(6));
  EXPECT_EQ(fired, 1);
  runtime.schedule(MonoTime::max(), [&] { ++fired; });
  EXPECT_EQ(scheduler.run_until([] { return false; }), RunEnd::kIdle) << "never is no deadline";
  EXPECT_EQ(scheduler.run_until([&] { return fired == 1; }), RunEnd::kDone);
}

TEST(SimSchedulerTest, ADeadlockIsReportedByProcess) {
  SimScheduler scheduler({});
  SimRuntime& stuck = scheduler.add_runtime("stuck");
  scheduler.add_runtime("idle");
  Signal never(stuck);
  stuck.spawn(never.wait());
  EXPECT_EQ(scheduler.run_until([] { return false; }), RunEnd::kIdle);
  EXPECT_EQ(scheduler.report(), "stuck: 1 tasks, 1 coroutines waiting, 0 calls ready, 0 timers\n");
}

TEST(SimClockTest, EachProcessHasClocksOfItsOwn) {
  SimScheduler scheduler({});
  SimRuntime& plain = scheduler.add_runtime("plain");
  SimRuntime& skewed =
      scheduler.add_runtime("skewed", {.monotonic_offset = seconds(5), .wall_offset = -seconds(3)});
  EXPECT_EQ(plain.now() - skewed.now(), std::chrono::hours(1) - seconds(5));
  EXPECT_EQ(plain.wall_now() - skewed.wall_now(), 3000);
  std::vector<std::string> order;
  plain.schedule(plain.now() + seconds(2), [&] { order.emplace_back("plain"); });
  skewed.schedule(skewed.now() + seconds(1), [&] { order.emplace_back("skewed"); });
  scheduler.run_for(seconds(10));
  EXPECT_EQ(order, (std::vector<std::string>{"skewed", "plain"}));
  skewed.jump_wall_clock(seconds(10));
  EXPECT_EQ(plain.wall_now() - skewed.wall_now(), -7000);
  EXPECT_EQ(plain.now() - skewed.now(), std::chrono::hours(1) - seconds(5));
}

TEST(SimClockTest, AMonotonicJumpMakesTimersDue) {
  SimScheduler scheduler({});
  SimRuntime& runtime = scheduler.add_runtime("process");
  bool fired = false;
  runtime.schedule(runtime.now() + seconds(60), [&] { fired = true; });
  runtime.jump_monotonic_clock(seconds(60));
  EXPECT_TRUE(scheduler.step());
  EXPECT_TRUE(fired);
  EXPECT_EQ(scheduler.elapsed(), Duration(0));
}

TEST(SimRuntimeTest, APausedProcessRunsNothingUntilItGoesOn) {
  SimScheduler scheduler({});
  SimRuntime& paused = scheduler.add_runtime("paused");
  SimRuntime& other = scheduler.add_runtime("other");
  std::vector<std::string> order;
  paused.post([&] { order.emplace_back("post"); });
  paused.schedule(paused.now() + seconds(1), [&] { order.emplace_back("timer"); });
  paused.pause(seconds(5));
  other.schedule(other.now() + seconds(4), [&] { order.emplace_back("other"); });
  scheduler.run_for(seconds(4));
  EXPECT_EQ(order, (std::vector<std::string>{"other"}));
  scheduler.run_for(seconds(1));
  EXPECT_EQ(order.size(), 3u);
}

/// Counts its own life; what a frame holds.
class Held {
 public:
  explicit Held(int& alive) : alive_(&alive) { ++*alive_; }
  Held(Held&& other) noexcept : alive_(std::exchange(other.alive_, nullptr)) {}
  Held& operator=(Held&&) = delete;
  ~Held() {
    if (alive_ != nullptr) --*alive_;
  }

 private:
  int* alive_;
};

/// A process that uses every way to wait at once. Each piece of its code that runs counts.
class Worker {
 public:
  Worker(SimRuntime& runtime, int& held, int& ran)
      : runtime_(runtime),
        pool_(runtime, {.workers = 2}),
        group_(runtime),
        tick_(runtime),
        held_(held),
        ran_(ran) {
    group_.spawn(ticker());
    for (int number = 0; number < 3; ++number) group_.spawn(listener());
    group_.spawn(caller());
    group_.spawn(parent());
    runtime_.schedule(runtime.now() + milliseconds(2), [this, kept = Held(held)] { ++ran_; });
  }
  Task<void> close() { return group_.close(); }

 private:
  Task<void> ticker() {
    const Held kept(held_);
    while (!group_.stopping()) {
      ++ran_;
      tick_.notify_all();
      co_await group_.sleep_until_stop(milliseconds(1));
    }
    tick_.notify_all();
  }
  Task<void> listener() {
    const Held kept(held_);
    while (!group_.stopping()) {
      ++ran_;
      co_await tick_.wait_until(runtime_.now() + microseconds(700));
      ++ran_;
      if (group_.stopping()) break;
      co_await tick_.wait();
    }
  }
  Task<void> caller() {
    const Held kept(held_);
    while (!group_.stopping()) {
      const int ran = co_await pool_.run([this, more = Held(held_)] { return ++ran_; });
      EXPECT_LE(ran, ran_);
    }
  }
  Task<void> parent() {
    const Held kept(held_);
    OneShot<int> answer(runtime_);
    group_.spawn(child(answer));
    const int value = co_await answer.wait();
    ran_ += value;
  }
  Task<void> child(OneShot<int> answer) {
    const Held kept(held_);
    co_await runtime_.sleep(milliseconds(3));
    co_await runtime_.yield();
    answer.set(1);
  }

  SimRuntime& runtime_;
  SimBlockingPool pool_;
  TaskGroup group_;
  Signal tick_;
  int& held_;
  int& ran_;
};

constexpr SimOptions kScenario{.seed = 11};
constexpr Duration kScenarioTime = milliseconds(8);

TEST(SimCrashTest, AWorkerThatIsNotCrashedEndsByItself) {
  SimScheduler scheduler(kScenario);
  SimRuntime& runtime = scheduler.add_runtime("worker");
  int held = 0;
  int ran = 0;
  Worker worker(runtime, held, ran);
  scheduler.run_for(kScenarioTime);
  EXPECT_GT(held, 0);
  EXPECT_GT(ran, 20);
  run_task(runtime, worker.close());
  EXPECT_EQ(held, 0);
  EXPECT_EQ(runtime.task_count(), 0u);
  EXPECT_EQ(runtime.waiters().size(), 0u);
}

std::uint64_t steps_of_scenario() {
  SimScheduler scheduler(kScenario);
  int held = 0;
  int ran = 0;
  SimRuntime& runtime = scheduler.add_runtime("worker");
  const Worker worker(runtime, held, ran);
  scheduler.run_for(kScenarioTime);
  runtime.crash();
  return scheduler.steps();
}

TEST(SimCrashTest, ACrashAfterAnyStepDestroysEveryFrameAndRunsNothingMore) {
  const std::uint64_t steps = steps_of_scenario();
  ASSERT_GT(steps, 50u);
  for (std::uint64_t crash_at = 0; crash_at <= steps; ++crash_at) {
    SimScheduler scheduler(kScenario);
    SimRuntime& runtime = scheduler.add_runtime("worker");
    SimRuntime& survivor = scheduler.add_runtime("survivor");
    int held = 0;
    int ran = 0;
    {
      const Worker worker(runtime, held, ran);
      scheduler.run_until([] { return false; }, {.steps_max = crash_at});
      runtime.crash();
      ASSERT_EQ(runtime.task_count(), 0u) << "crash at step " << crash_at;
      ASSERT_EQ(runtime.waiters().size(), 0u);
      const int ran_before = ran;
      runtime.post([&] { ++ran; });
      runtime.spawn(survivor.sleep(Duration(0)));
      runtime.schedule(runtime.now(), [&] { ++ran; });
      survivor.schedule(survivor.now() + seconds(1), [] {});
      scheduler.run_for(seconds(2));
      ASSERT_EQ(ran, ran_before) << "crash at step " << crash_at;
    }
    ASSERT_EQ(held, 0) << "crash at step " << crash_at;
  }
}

TEST(SimCrashTest, AProcessMayCrashInsideItsOwnCallback) {
  SimScheduler scheduler({});
  SimRuntime& runtime = scheduler.add_runtime("process");
  int held = 0;
  std::string ran;
  const auto victim = [&]() -> Task<void> {
    const Held kept(held);
    co_await runtime.sleep(milliseconds(1));
    ran += "before ";
    runtime.crash();
    EXPECT_EQ(held, 2) << "a running coroutine is not destroyed under its feet";
    ran += "same callback";
    co_await runtime.yield();
    ran += " never";
  };
  const auto sleeper = [&]() -> Task<void> {
    const Held kept(held);
    co_await runtime.sleep(seconds(1));
    ran += " never";
  };
  runtime.spawn(victim());
  runtime.spawn(sleeper());
  EXPECT_EQ(scheduler.run_until([] { return false; }), RunEnd::kIdle);
  EXPECT_EQ(ran, "before same callback");
  EXPECT_EQ(held, 0);
  EXPECT_EQ(runtime.task_count(), 0u);
}

TEST(SimCrashTest, CrashHereDoesNotComeBack) {
  SimScheduler scheduler({});
  SimRuntime& runtime = scheduler.add_runtime("process");
  int held = 0;
  bool came_back = false;
  const auto inner = [&]() -> Task<void> {
    const Held kept(held);
    co_await runtime.crash_here();
    came_back = true;
  };
  const auto outer = [&]() -> Task<void> {
    const Held kept(held);
    co_await inner();
    came_back = true;
  };
  runtime.spawn(outer());
  EXPECT_EQ(scheduler.run_until([] { return false; }), RunEnd::kIdle);
  EXPECT_FALSE(runtime.alive());
  EXPECT_FALSE(came_back);
  EXPECT_EQ(held, 0);
}

TEST(SimCrashTest, OtherProcessesAndASuccessorGoOn) {
  SimScheduler scheduler({});
  SimRuntime& first = scheduler.add_runtime("agent");
  SimRuntime& client = scheduler.add_runtime("client");
  OneShot<int> reply(client);
  const auto serve = [&](SimRuntime& on, int value, Duration work) -> Task<void> {
    co_await on.sleep(work);
    client.post([reply, value] {
      if (!reply.is_set()) reply.set(value);
    });
  };
  first.spawn(serve(first, 1, seconds(1)));
  client.schedule(client.now() + milliseconds(10), [&] {
    first.crash();
    SimRuntime& second = scheduler.add_runtime("agent");
    second.spawn(serve(second, 2, seconds(2)));
  });
  EXPECT_EQ(run_task(client, reply.wait()), 2);
}

TEST(SimBlockingPoolTest, OneWorkerKeepsOrderAndTakesTime) {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    SimScheduler scheduler({.seed = seed, .ready_order = ReadyOrder::kFifo});
    SimRuntime& runtime = scheduler.add_runtime("process");
    SimBlockingPool pool(runtime, {});
    TaskGroup group(runtime);
    std::vector<int> ran;
    const auto call = [&](int number) -> Task<void> {
      co_await pool.run([&ran, number] {
        ran.push_back(number);
        return true;
      });
    };
    for (int number = 0; number < 5; ++number) group.spawn(call(number));
    run_task(runtime, group.close());
    EXPECT_EQ(ran, (std::vector<int>{0, 1, 2, 3, 4}));
    EXPECT_GT(scheduler.elapsed(), microseconds(50));
  }
}

TEST(SimBlockingPoolTest, SeveralWorkersFinishInAnyOrder) {
  std::set<std::vector<int>> orders;
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    SimScheduler scheduler({.seed = seed, .ready_order = ReadyOrder::kFifo});
    SimRuntime& runtime = scheduler.add_runtime("process");
    SimBlockingPool pool(runtime, {.workers = 3});
    TaskGroup group(runtime);
    std::vector<int> ran;
    const auto call = [&](int number) -> Task<void> {
      co_await pool.run([&ran, number] {
        ran.push_back(number);
        return true;
      });
    };
    for (int number = 0; number < 3; ++number) group.spawn(call(number));
    run_task(runtime, group.close());
    EXPECT_EQ(ran.size(), 3u);
    orders.insert(ran);
  }
  EXPECT_EQ(orders.size(), 6u);
}

TEST(SimBlockingPoolTest, RefusesFallibleCallsBeyondItsQueue) {
  SimScheduler scheduler({});
  SimRuntime& runtime = scheduler.add_runtime("process");
  SimBlockingPool pool(runtime, {.workers = 1, .queue_max = 3});
  TaskGroup group(runtime);
  int done = 0;
  const auto call = [&]() -> Task<void> {
    const base::Status status = co_await pool.run([]() -> base::Status { return {}; });
    if (status) ++done;
  };
  for (int number = 0; number < 10; ++number) group.spawn(call());
  run_task(runtime, group.close());
  EXPECT_EQ(done, 3);
}

TEST(SimBlockingPoolTest, AFunctionMayCrashItsProcessInTheMiddle) {
  SimScheduler scheduler({});
  SimRuntime& runtime = scheduler.add_runtime("process");
  int held = 0;
  std::string ran;
  SimBlockingPool pool(runtime, {});
  const auto call = [&]() -> Task<void> {
    const Held kept(held);
    co_await pool.run([&] {
      ran += "first half";
      runtime.crash();
      if (!runtime.alive()) ran += ", second half fails";
      return true;
    });
    ran += ", never";
  };
  const auto later = [&]() -> Task<void> {
    const Held kept(held);
    co_await pool.run([&] {
      ran += ", never";
      return true;
    });
  };
  runtime.spawn(call());
  scheduler.step();
  runtime.spawn(later());
  EXPECT_EQ(scheduler.run_until([] { return false; }), RunEnd::kIdle);
  EXPECT_EQ(ran, "first half, second half fails");
  EXPECT_EQ(held, 0);
}

}  // namespace
}  // namespace streamhouse::runtime
