#include "runtime/asio_runtime.h"

#include <atomic>
#include <boost/asio/execution/blocking.hpp>
#include <boost/asio/execution/context.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <deque>
#include <optional>
#include <utility>

namespace streamhouse::runtime {

namespace asio = boost::asio;

/// The io_context; one of its timers, which stands for the whole heap of scheduled calls; and a
/// queue of ready calls of its own thread, of which many run for one look at the sockets.
class AsioRuntime::Loop {
 public:
  class QueueExecutor;

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
    stopping_ = false;
  }

  void stop() {
    stopping_ = true;
    io_.stop();
  }

  /// From any thread.
  void submit(Callback callback) {
    if (!io_.get_executor().running_in_this_thread()) return asio::post(io_, std::move(callback));
    ready_.push_back(std::move(callback));
    if (!draining_) post_drain();
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
    ready_.clear();
    while (timers_.take_any()) continue;
    alarm_.reset();
    owned_io_.reset();
  }

 private:
  static constexpr int kOneThread = 1;  // lets Asio skip waking other threads; post() stays safe
  static constexpr int kDrainMax = 64;

  static MonoTime now() { return MonoTime(std::chrono::steady_clock::now().time_since_epoch()); }

  void post_drain() {
    draining_ = true;
    asio::post(io_, [this] { drain(); });
  }

  void drain() {
    for (int left = kDrainMax; left > 0 && !ready_.empty() && !stopping_; --left) {
      Callback callback = std::move(ready_.front());
      ready_.pop_front();
      callback();
    }
    draining_ = false;
    if (!ready_.empty()) post_drain();
  }

  void arm() {
    armed_at_ = timers_.next_deadline();
    if (!armed_at_ || !alarm_) return;
    if (*armed_at_ <= now()) return asio::post(io_, [this] { ring(); });  // sooner than the kernel
    alarm_->expires_at(std::chrono::steady_clock::time_point(armed_at_->time_since_epoch()));
    alarm_->async_wait([this](const boost::system::error_code& moved) {
      if (!moved) ring();
    });
  }

  /// Runs what is due. A call that a due one schedules waits for the next turn of the loop.
  void ring() {
    const MonoTime due_at = now();
    for (std::size_t left = timers_.size(); left > 0; --left) {
      Callback due = timers_.take_due(due_at);
      if (!due) break;
      due();
    }
    arm();
  }

  std::deque<Callback> ready_;
  bool draining_ = false;  ///< A drain() is posted or running.
  std::atomic<bool> stopping_ = false;
  TimerHeap timers_;
  std::optional<MonoTime> armed_at_;
  std::unique_ptr<asio::io_context> owned_io_;
  asio::io_context& io_;
  std::optional<asio::steady_timer> alarm_;
};

/// What Asio asks of an executor.
class AsioRuntime::Loop::QueueExecutor {
 public:
  explicit QueueExecutor(Loop& loop) : loop_(&loop) {}

  asio::execution_context& query(asio::execution::context_t) const noexcept { return loop_->io(); }
  static constexpr asio::execution::blocking_t query(asio::execution::blocking_t) noexcept {
    return asio::execution::blocking.never;
  }
  template <class Function>
  void execute(Function&& function) const {
    loop_->submit(Callback(std::forward<Function>(function)));
  }
  bool operator==(const QueueExecutor&) const noexcept = default;

 private:
  Loop* loop_;
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

Executor AsioRuntime::executor() { return Loop::QueueExecutor(*loop_); }

void AsioRuntime::post(Callback callback) { loop_->submit(std::move(callback)); }

TimerId AsioRuntime::schedule(MonoTime at, Callback callback) {
  return loop_->schedule(at, std::move(callback));
}

void AsioRuntime::cancel(TimerId timer) { loop_->cancel(timer); }

void AsioRuntime::run() { loop_->run(); }

void AsioRuntime::run_until_ended(Task<void> task) {
  spawn_then(std::move(task), [this] { stop(); });
  run();
}

void AsioRuntime::stop() { loop_->stop(); }

asio::io_context& AsioRuntime::io_context() { return loop_->io(); }

}  // namespace streamhouse::runtime
