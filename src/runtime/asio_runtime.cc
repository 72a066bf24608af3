#include "runtime/asio_runtime.h"

#include <boost/asio/execution/blocking.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/require.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <optional>
#include <utility>

namespace streamhouse::runtime {

namespace asio = boost::asio;

/// The io_context, and one of its timers that stands for the whole heap of scheduled calls.
class AsioRuntime::Loop {
 public:
  Loop() : owned_io_(std::make_unique<asio::io_context>(kOneThread)), io_(*owned_io_) {
    alarm_.emplace(io_);
  }

  asio::io_context& io() { return io_; }

  void run() {
    {
      const auto work = asio::make_work_guard(io_);
      io_.run();
    }
    // Only now: the guard's end, if it was the last work, stops the context too.
    io_.restart();
  }

  TimerId schedule(MonoTime at, Callback callback) {
    const TimerId id = timers_.schedule(at, std::move(callback));
    if (!armed_at_ || at < *armed_at_) arm();
    return id;
  }

  /// The alarm stays as it is: it rings once for nothing.
  void cancel(TimerId timer) { timers_.cancel(timer); }

  /// Destroys what is queued. Destructors that run in here may still post and cancel.
  void shut_down() {
    while (timers_.take_any()) continue;
    alarm_.reset();
    owned_io_.reset();
  }

 private:
  static constexpr int kOneThread = 1;  // lets Asio skip waking other threads; post() stays safe

  void arm() {
    armed_at_ = timers_.next_deadline();
    if (!armed_at_ || !alarm_) return;
    alarm_->expires_at(std::chrono::steady_clock::time_point(armed_at_->time_since_epoch()));
    alarm_->async_wait([this](const boost::system::error_code& moved) {
      if (!moved) ring();
    });
  }

  /// Runs what is due. A call that a due one schedules waits for the next turn of the loop.
  void ring() {
    const MonoTime now(std::chrono::steady_clock::now().time_since_epoch());
    for (std::size_t left = timers_.size(); left > 0; --left) {
      Callback due = timers_.take_due(now);
      if (!due) break;
      due();
    }
    arm();
  }

  TimerHeap timers_;
  std::optional<MonoTime> armed_at_;
  std::unique_ptr<asio::io_context> owned_io_;
  asio::io_context& io_;
  std::optional<asio::steady_timer> alarm_;
};

AsioRuntime::AsioRuntime() : AsioRuntime(entropy_seed()) {}

AsioRuntime::AsioRuntime(std::uint64_t seed) : random_(seed), loop_(std::make_unique<Loop>()) {}

AsioRuntime::~AsioRuntime() {
  drop_waiters();
  loop_->shut_down();
}

MonoTime AsioRuntime::now() const {
  return MonoTime(std::chrono::steady_clock::now().time_since_epoch());
}

WallMs AsioRuntime::wall_now() const {
  const auto since_epoch = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::milliseconds>(since_epoch).count();
}

Executor AsioRuntime::executor() {
  return asio::require(loop_->io().get_executor(), asio::execution::blocking.never);
}

void AsioRuntime::post(Callback callback) { asio::post(loop_->io(), std::move(callback)); }

TimerId AsioRuntime::schedule(MonoTime at, Callback callback) {
  return loop_->schedule(at, std::move(callback));
}

void AsioRuntime::cancel(TimerId timer) { loop_->cancel(timer); }

void AsioRuntime::run() { loop_->run(); }

void AsioRuntime::run_until_ended(Task<void> task) {
  spawn_then(std::move(task), [this] { stop(); });
  run();
}

void AsioRuntime::stop() { loop_->io().stop(); }

asio::io_context& AsioRuntime::io_context() { return loop_->io(); }

}  // namespace streamhouse::runtime
