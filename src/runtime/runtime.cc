#include "runtime/runtime.h"

#include <boost/asio/co_spawn.hpp>
#include <exception>
#include <optional>
#include <utility>

#include "base/check.h"

namespace streamhouse::runtime {

namespace asio = boost::asio;

/// Lives as long as the frame of a spawned coroutine.
class Runtime::TaskCount {
 public:
  explicit TaskCount(std::size_t& count) : count_(&count) { ++*count_; }
  TaskCount(TaskCount&& other) noexcept : count_(std::exchange(other.count_, nullptr)) {}
  TaskCount& operator=(TaskCount&&) = delete;
  ~TaskCount() {
    if (count_ != nullptr) --*count_;
  }

 private:
  std::size_t* count_;
};

void Runtime::spawn_then(Task<void> task, Callback ended) {
  auto complete = [count = std::make_optional<TaskCount>(task_count_),
                   ended = std::move(ended)](const std::exception_ptr& failure) mutable {
    SH_CHECK(failure == nullptr, "a spawned task does not throw");
    count.reset();
    ended();
  };
  asio::co_spawn(executor(), std::move(task), std::move(complete));
}

Task<void> Runtime::sleep(Duration duration) {
  co_await waiters_.wait([this, duration](WaiterId waiter) {
    schedule(now() + duration, [this, waiter] { waiters_.wake(waiter, Woken::kDeadline); });
  });
}

Task<void> Runtime::yield() {
  co_await waiters_.wait([this](WaiterId waiter) { waiters_.wake(waiter, Woken::kNotified); });
}

}  // namespace streamhouse::runtime
