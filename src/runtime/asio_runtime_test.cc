// Goal: the loop of a real process serves timers, sockets and other threads while it is busy, and
// stops when told (run under thread sanitizer too).
// Method: a busy coroutine beside each of them, in real time.
#include "runtime/asio_runtime.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/local/connect_pair.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <chrono>
#include <thread>
#include <vector>

#include "runtime/run_task.h"

namespace streamhouse::runtime {
namespace {

namespace asio = boost::asio;
using std::chrono::milliseconds;

Task<void> keep_busy(Runtime& runtime, const bool& done) {
  while (!done) co_await runtime.yield();
}

TEST(AsioRuntimeTest, ABusyLoopStillServesTimers) {
  AsioRuntime runtime;
  bool done = false;
  runtime.schedule(runtime.now() + milliseconds(5), [&] { done = true; });
  run_task(runtime, keep_busy(runtime, done));
  EXPECT_TRUE(done);
}

TEST(AsioRuntimeTest, ABusyLoopStillServesSockets) {
  AsioRuntime runtime;
  asio::local::stream_protocol::socket here(runtime.executor());
  asio::local::stream_protocol::socket there(runtime.executor());
  asio::local::connect_pair(here, there);
  bool done = false;
  const auto echo = [&]() -> Task<void> {
    char byte = 'x';
    co_await asio::async_write(here, asio::buffer(&byte, 1), asio::use_awaitable);
    byte = ' ';
    co_await asio::async_read(there, asio::buffer(&byte, 1), asio::use_awaitable);
    EXPECT_EQ(byte, 'x');
    done = true;
  };
  runtime.spawn(echo());
  run_task(runtime, keep_busy(runtime, done));
}

TEST(AsioRuntimeTest, ABusyLoopStillServesOtherThreads) {
  AsioRuntime runtime;
  bool done = false;
  std::jthread other([&] {
    std::this_thread::sleep_for(milliseconds(2));
    asio::post(runtime.executor(), [&] { done = true; });
  });
  run_task(runtime, keep_busy(runtime, done));
}

TEST(AsioRuntimeTest, CallsOfOneThreadRunInTheirOrder) {
  AsioRuntime runtime;
  std::vector<int> order;
  for (int number = 0; number < 100; ++number)
    runtime.post([&, number] { runtime.post([&, number] { order.push_back(number); }); });
  run_task(runtime, runtime.sleep(milliseconds(1)));
  ASSERT_EQ(order.size(), 100u);
  EXPECT_TRUE(std::is_sorted(order.begin(), order.end()));
}

TEST(AsioRuntimeTest, AStopIsNotLostAndKeepsWhatIsQueued) {
  AsioRuntime runtime;
  int ran = 0;
  runtime.post([&] {
    ++ran;
    runtime.post([&] { ++ran; });
    runtime.stop();
  });
  runtime.run();
  EXPECT_EQ(ran, 1);
  runtime.stop();
  runtime.run();
  EXPECT_EQ(ran, 1);
  run_task(runtime, runtime.sleep(milliseconds(1)));
  EXPECT_EQ(ran, 2);
}

TEST(AsioRuntimeTest, WallTimeIsTheSystems) {
  AsioRuntime runtime;
  const auto system = std::chrono::system_clock::now().time_since_epoch();
  EXPECT_NEAR(static_cast<double>(runtime.wall_now()),
              static_cast<double>(std::chrono::duration_cast<milliseconds>(system).count()), 5000);
}

}  // namespace
}  // namespace streamhouse::runtime
