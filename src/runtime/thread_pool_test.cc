// Goal: blocking calls run off the executor, in order, bounded; what crosses threads is safe under
// load (run under thread sanitizer too).
// Method: real threads and a real io_context.
#include "runtime/thread_pool.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <future>
#include <memory>
#include <thread>
#include <vector>

#include "runtime/asio_runtime.h"
#include "runtime/run_task.h"
#include "runtime/task_group.h"

namespace streamhouse::runtime {
namespace {

TEST(ThreadPoolTest, ResumesTheCallerOnItsExecutorWithTheResult) {
  AsioRuntime runtime;
  ThreadPool pool(runtime, {.name = "pool"});
  const auto core = std::this_thread::get_id();
  const auto body = [&]() -> Task<std::string> {
    const auto worker = co_await pool.run([] { return std::this_thread::get_id(); });
    EXPECT_NE(worker, core);
    EXPECT_EQ(std::this_thread::get_id(), core);
    std::string text = co_await pool.run([] { return std::string("result"); });
    co_return text;
  };
  EXPECT_EQ(run_task(runtime, body()), "result");
}

TEST(ThreadPoolTest, ResultsAreMovedNotCopied) {
  AsioRuntime runtime;
  ThreadPool pool(runtime, {.name = "pool"});
  const auto made = run_task(runtime, pool.run([] { return std::make_unique<int>(7); }));
  EXPECT_EQ(*made, 7);
}

TEST(ThreadPoolTest, OneWorkerKeepsTheOrderOfCalls) {
  AsioRuntime runtime;
  ThreadPool pool(runtime, {.name = "pool"});
  TaskGroup group(runtime);
  std::vector<int> ran;  // only the one worker touches it until the group is closed
  const auto call = [&](int number) -> Task<void> {
    co_await pool.run([&ran, number] {
      ran.push_back(number);
      return true;
    });
  };
  for (int number = 0; number < 2000; ++number) group.spawn(call(number));
  run_task(runtime, group.close());
  ASSERT_EQ(ran.size(), 2000u);
  for (int number = 0; number < 2000; ++number) EXPECT_EQ(ran[static_cast<size_t>(number)], number);
}

TEST(ThreadPoolTest, RefusesFallibleCallsBeyondItsQueue) {
  AsioRuntime runtime;
  ThreadPool pool(runtime, {.name = "pool", .threads = 1, .queue_max = 2});
  TaskGroup group(runtime);
  std::promise<void> open;
  auto gate = open.get_future().share();
  int done = 0;
  int refused = 0;
  const auto call = [&]() -> Task<void> {
    const base::Status status = co_await pool.run([gate]() -> base::Status {
      gate.wait();
      return {};
    });
    if (status) ++done;
    if (!status && status.error().code == base::Errc::kThrottled) ++refused;
  };
  const auto body = [&]() -> Task<void> {
    for (int number = 0; number < 20; ++number) group.spawn(call());
    while (done + refused < 17) co_await runtime.yield();
    open.set_value();
    co_await group.close();
  };
  run_task(runtime, body());
  // The worker holds at most one call, the queue two; the worker may have been late to take its
  // one.
  EXPECT_GE(done, 2);
  EXPECT_LE(done, 3);
  EXPECT_EQ(done + refused, 20);
}

TEST(ThreadPoolTest, ItsEndRunsWhatIsQueued) {
  AsioRuntime runtime;
  std::atomic<int> ran = 0;
  {
    ThreadPool pool(runtime, {.name = "pool"});
    const auto call = [&]() -> Task<void> { co_await pool.run([&ran] { return ++ran; }); };
    for (int number = 0; number < 100; ++number) runtime.spawn(call());
    run_task(runtime, runtime.yield());
  }
  EXPECT_EQ(ran, 100);
  EXPECT_EQ(runtime.task_count(), 100u) << "results wait for the executor";
  run_task(runtime, runtime.sleep(std::chrono::milliseconds(1)));
  EXPECT_EQ(runtime.task_count(), 0u);
}

TEST(ThreadPoolTest, PostsFromManyThreadsAllArriveOnTheExecutor) {
  constexpr int kThreads = 4;
  constexpr int kPosts = 20'000;
  AsioRuntime runtime;
  int arrived = 0;  // plain: only the executor's thread touches it
  std::vector<std::thread> threads;
  for (int number = 0; number < kThreads; ++number) {
    threads.emplace_back([&] {
      for (int post = 0; post < kPosts; ++post) {
        runtime.post([&] {
          if (++arrived == kThreads * kPosts) runtime.stop();
        });
      }
    });
  }
  runtime.run();
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(arrived, kThreads * kPosts);
}

TEST(ThreadPoolTest, CallsSleepsAndForeignPostsMixUnderLoad) {
  AsioRuntime runtime;
  ThreadPool pool(runtime, {.name = "pool", .threads = 3});
  TaskGroup group(runtime);
  std::uint64_t sum = 0;
  std::uint64_t posted = 0;
  const auto actor = [&](std::uint64_t number) -> Task<void> {
    for (std::uint64_t round = 0; round < 100; ++round) {
      const std::uint64_t value = co_await pool.run([number] { return number; });
      sum += value;
      co_await runtime.sleep(std::chrono::microseconds(number));
    }
  };
  for (std::uint64_t number = 0; number < 50; ++number) group.spawn(actor(number));
  std::jthread foreign([&] {
    for (int post = 0; post < 5000; ++post) runtime.post([&] { ++posted; });
  });
  run_task(runtime, group.close());
  foreign.join();
  run_task(runtime, runtime.yield());
  EXPECT_EQ(sum, 100u * (49 * 50 / 2));
  EXPECT_EQ(posted, 5000u);
}

}  // namespace
}  // namespace streamhouse::runtime
