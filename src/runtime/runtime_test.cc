// Goal: the coroutine primitives (sleep, yield, Signal, OneShot, TaskGroup) mean the same on every
// runtime.
// Method: one suite of small coroutines, run on each runtime.
#include "runtime/runtime.h"

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>
#include <type_traits>
#include <vector>

#include "runtime/asio_runtime.h"
#include "runtime/one_shot.h"
#include "runtime/run_task.h"
#include "runtime/signal.h"
#include "runtime/sim/sim_runtime.h"
#include "runtime/sim/sim_scheduler.h"
#include "runtime/task_group.h"

namespace streamhouse::runtime {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

/// A simulated process with a scheduler of its own.
template <ReadyOrder kOrder>
struct Simulated {
  SimScheduler scheduler{{.seed = 1, .ready_order = kOrder}};
  SimRuntime& runtime = scheduler.add_runtime("process");
};
struct Real {
  AsioRuntime runtime;
};

template <class Holder>
class RuntimeTest : public testing::Test {
 public:
  Holder holder;
  std::remove_reference_t<decltype(holder.runtime)>& runtime = holder.runtime;
};
using Runtimes = testing::Types<Real, Simulated<ReadyOrder::kFifo>, Simulated<ReadyOrder::kRandom>>;
TYPED_TEST_SUITE(RuntimeTest, Runtimes);

Task<void> sleep_then_note(Runtime& runtime, MonoTime until, std::vector<int>& order, int note) {
  co_await runtime.sleep(until - runtime.now());
  order.push_back(note);
}

TYPED_TEST(RuntimeTest, SleepersWakeInTheOrderOfTheirDeadlines) {
  std::vector<int> order;
  const MonoTime start = this->runtime.now();
  const auto sleep_to = [&](int time) {
    const MonoTime until = start + milliseconds(time);
    this->runtime.spawn(sleep_then_note(this->runtime, until, order, time));
  };
  sleep_to(9);
  sleep_to(1);
  sleep_to(5);
  run_task(this->runtime, this->runtime.sleep(milliseconds(20)));
  EXPECT_GE(this->runtime.now() - start, milliseconds(20));
  EXPECT_EQ(order, (std::vector<int>{1, 5, 9}));
  EXPECT_EQ(this->runtime.task_count(), 0u);
}

TYPED_TEST(RuntimeTest, SpawnAndPostNeverRunInsideTheCall) {
  int ran = 0;
  const auto count = [](int& runs) -> Task<void> {
    ++runs;
    co_return;
  };
  const auto body = [&]() -> Task<void> {
    this->runtime.spawn(count(ran));
    this->runtime.post([&] { ++ran; });
    this->runtime.schedule(this->runtime.now() - seconds(1), [&] { ++ran; });
    EXPECT_EQ(ran, 0);
    co_await this->runtime.sleep(milliseconds(2));
    EXPECT_EQ(ran, 3);
  };
  run_task(this->runtime, body());
}

TYPED_TEST(RuntimeTest, ACancelledCallIsDestroyedAndNeverRuns) {
  const auto token = std::make_shared<int>(0);
  const auto body = [&]() -> Task<void> {
    const MonoTime soon = this->runtime.now() + milliseconds(1);
    TimerId second = 0;
    this->runtime.schedule(soon, [&] { this->runtime.cancel(second); });
    second = this->runtime.schedule(soon, [token] { ++*token; });
    const TimerId third = this->runtime.schedule(soon, [token] { ++*token; });
    this->runtime.cancel(third);
    EXPECT_EQ(token.use_count(), 2);
    this->runtime.cancel(third);
    this->runtime.cancel(0);
    co_await this->runtime.sleep(milliseconds(3));
    EXPECT_EQ(token.use_count(), 1);
    EXPECT_EQ(*token, 0);
  };
  run_task(this->runtime, body());
}

TYPED_TEST(RuntimeTest, NotifyWakesEveryPresentWaiterAndNoLaterOne) {
  Signal signal(this->runtime);
  int woken = 0;
  const auto waiter = [&]() -> Task<void> {
    co_await signal.wait();
    ++woken;
  };
  const auto body = [&]() -> Task<void> {
    signal.notify_all();
    this->runtime.spawn(waiter());
    this->runtime.spawn(waiter());
    co_await this->runtime.sleep(milliseconds(1));
    EXPECT_EQ(woken, 0);
    EXPECT_TRUE(signal.has_waiters());
    signal.notify_all();
    EXPECT_EQ(woken, 0) << "resumed inside notify_all";
    EXPECT_FALSE(signal.has_waiters());
    this->runtime.spawn(waiter());
    co_await this->runtime.sleep(milliseconds(1));
    EXPECT_EQ(woken, 2);
    signal.notify_all();
    co_await this->runtime.sleep(milliseconds(1));
    EXPECT_EQ(woken, 3);
  };
  run_task(this->runtime, body());
}

TYPED_TEST(RuntimeTest, OneWaiterIsWokenByAnyOfTheSignalsThatAreLinked) {
  Signal first(this->runtime);
  Signal second(this->runtime);
  Signal any(this->runtime);
  int woken = 0;
  const auto waiter = [&]() -> Task<void> {
    while (true) {
      co_await any.wait();
      ++woken;
    }
  };
  const auto body = [&]() -> Task<void> {
    this->runtime.spawn(waiter());
    co_await this->runtime.sleep(milliseconds(1));
    const SignalLink from_first(first, any);
    {
      const SignalLink from_second(second, any);
      second.notify_all();
      EXPECT_EQ(woken, 0) << "resumed inside notify_all";
      co_await this->runtime.sleep(milliseconds(1));
      EXPECT_EQ(woken, 1);
    }
    second.notify_all();
    co_await this->runtime.sleep(milliseconds(1));
    EXPECT_EQ(woken, 1) << "the link has ended";
    first.notify_all();
    co_await this->runtime.sleep(milliseconds(1));
    EXPECT_EQ(woken, 2);
  };
  run_task(this->runtime, body());
}

TYPED_TEST(RuntimeTest, WaitUntilTellsTheDeadlineFromTheNotification) {
  Signal signal(this->runtime);
  const auto body = [&]() -> Task<void> {
    Woken woken = co_await signal.wait_until(this->runtime.now() + milliseconds(1));
    EXPECT_EQ(woken, Woken::kDeadline);
    EXPECT_FALSE(signal.has_waiters());
    this->runtime.schedule(this->runtime.now() + milliseconds(1), [&] { signal.notify_all(); });
    woken = co_await signal.wait_until(this->runtime.now() + seconds(60));
    EXPECT_EQ(woken, Woken::kNotified);
  };
  run_task(this->runtime, body());
}

TYPED_TEST(RuntimeTest, DestroyingASignalDestroysItsWaiters) {
  const auto token = std::make_shared<int>(0);
  auto signal = std::make_unique<Signal>(this->runtime);
  const auto waiter = [](Signal& wait_on, std::shared_ptr<int> held, Duration limit,
                         Runtime& runtime) -> Task<void> {
    co_await wait_on.wait_until(runtime.now() + limit);
    ++*held;
  };
  const auto body = [&]() -> Task<void> {
    this->runtime.spawn(waiter(*signal, token, seconds(60), this->runtime));
    this->runtime.spawn(waiter(*signal, token, milliseconds(100), this->runtime));
    for (int turn = 0; turn < 100; ++turn) co_await this->runtime.yield();
    EXPECT_EQ(token.use_count(), 3);
    signal.reset();
    co_await this->runtime.sleep(milliseconds(120));
    EXPECT_EQ(token.use_count(), 1);
    EXPECT_EQ(*token, 0);
  };
  run_task(this->runtime, body());
}

TYPED_TEST(RuntimeTest, AOneShotGivesItsValueToEveryWaiter) {
  OneShot<std::string> outcome(this->runtime);
  std::vector<std::string> got;
  const auto waiter = [&]() -> Task<void> {
    std::string value = co_await outcome.wait();
    got.push_back(std::move(value));
  };
  const auto body = [&]() -> Task<void> {
    this->runtime.spawn(waiter());
    this->runtime.spawn(waiter());
    const auto early = co_await outcome.wait_until(this->runtime.now() + milliseconds(1));
    EXPECT_EQ(early, std::nullopt);
    EXPECT_FALSE(outcome.is_set());
    outcome.set("done");
    co_await this->runtime.sleep(milliseconds(1));
    EXPECT_EQ(got, (std::vector<std::string>{"done", "done"}));
    const auto late = co_await outcome.wait_until(this->runtime.now());
    EXPECT_EQ(late, "done");
  };
  run_task(this->runtime, body());
}

TYPED_TEST(RuntimeTest, AWaitForAOneShotOutlivesTheVariable) {
  const auto begin_waiting = [&] {
    OneShot<std::string> outcome(this->runtime);
    this->runtime.post([outcome] { outcome.set("done"); });
    return outcome.take();
  };
  const auto body = [&]() -> Task<void> {
    Task<std::string> waiting = begin_waiting();
    const std::string value = co_await std::move(waiting);
    EXPECT_EQ(value, "done");
  };
  run_task(this->runtime, body());
}

TYPED_TEST(RuntimeTest, ClosingAGroupStopsItsLoopsAndWaitsForThem) {
  TaskGroup group(this->runtime);
  int rounds = 0;
  bool ended = false;
  const auto loop = [&]() -> Task<void> {
    while (!group.stopping()) {
      ++rounds;
      co_await group.sleep_until_stop(seconds(60));
    }
    co_await this->runtime.sleep(milliseconds(2));
    ended = true;
  };
  const auto body = [&]() -> Task<void> {
    group.spawn(loop());
    co_await this->runtime.sleep(milliseconds(1));
    EXPECT_EQ(group.size(), 1u);
    co_await group.close();
    EXPECT_TRUE(ended);
    EXPECT_EQ(rounds, 1);
    EXPECT_EQ(group.size(), 0u);
    const bool stopping = co_await group.sleep_until_stop(seconds(60));
    EXPECT_TRUE(stopping);
    co_await group.close();
  };
  run_task(this->runtime, body());
}

TYPED_TEST(RuntimeTest, YieldLetsOthersRun) {
  int turns = 0;
  const auto other = [&]() -> Task<void> {
    while (turns < 100) {
      ++turns;
      co_await this->runtime.yield();
    }
  };
  const auto body = [&]() -> Task<void> {
    this->runtime.spawn(other());
    while (turns < 100) co_await this->runtime.yield();
  };
  run_task(this->runtime, body());
  EXPECT_EQ(turns, 100);
}

TYPED_TEST(RuntimeTest, RunsOneTaskAfterAnother) {
  for (int i = 0; i < 3; ++i) {
    bool woken = false;
    const auto body = [&]() -> Task<void> {
      OneShot<int> elsewhere(this->runtime);
      this->runtime.post([elsewhere] { elsewhere.set(1); });
      co_await elsewhere.wait();
      woken = true;
    };
    run_task(this->runtime, body());
    EXPECT_TRUE(woken) << i;
  }
}

TYPED_TEST(RuntimeTest, TheRuntimesEndDestroysWhatStillWaits) {
  const auto token = std::make_shared<int>(0);
  {
    TypeParam holder;
    auto& runtime = holder.runtime;
    const auto sleeper = [](Runtime& on, std::shared_ptr<int>) -> Task<void> {
      co_await on.sleep(seconds(60));
    };
    const auto waiter = [](Runtime& on, std::shared_ptr<int>) -> Task<void> {
      Signal never(on);
      OneShot<int> unset(on);
      on.spawn([](OneShot<int> one_shot) -> Task<void> { co_await one_shot.wait(); }(unset));
      co_await never.wait_until(on.now() + seconds(60));
    };
    runtime.spawn(sleeper(runtime, token));
    runtime.spawn(waiter(runtime, token));
    run_task(runtime, runtime.sleep(milliseconds(1)));
    runtime.spawn(sleeper(runtime, token));
    EXPECT_EQ(token.use_count(), 4);
  }
  EXPECT_EQ(token.use_count(), 1);
}

}  // namespace
}  // namespace streamhouse::runtime
