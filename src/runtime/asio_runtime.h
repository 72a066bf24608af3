#pragma once
/// \file  AsioRuntime: the runtime of a real process, one thread that runs one io_context.

#include <boost/asio/io_context.hpp>
#include <memory>

#include "runtime/runtime.h"

namespace boost::asio {
class io_context;
}

namespace streamhouse::runtime {

/// Lifetime:  destroyed when no thread is inside run(); everything that waits is destroyed then.
/// Threading: one thread calls run() and is the executor's; post() and stop() from any thread.
class AsioRuntime final : public Runtime {
 public:
  AsioRuntime();
  explicit AsioRuntime(std::uint64_t seed);
  ~AsioRuntime() override;

  MonoTime now() const override;
  WallMs wall_now() const override;
  Random& random() override { return random_; }
  Executor executor() override;
  void post(Callback callback) override;
  TimerId schedule(MonoTime at, Callback callback) override;
  void cancel(TimerId timer) override;

  /// Runs what is ready and what comes due until stop(). May be called again after that.
  void run();
  /// Starts `task` and runs until it has ended.
  void run_until_ended(Task<void> task);
  /// Makes run() return soon, also if it is called only later; what is queued stays queued.
  void stop();
  /// For sockets (net) and process signals (agent).
  boost::asio::io_context& io_context();

 private:
  class Loop;

  Random random_;
  std::unique_ptr<Loop> loop_;
};

}  // namespace streamhouse::runtime
