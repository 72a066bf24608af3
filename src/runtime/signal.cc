#include "runtime/signal.h"

#include <utility>

namespace streamhouse::runtime {

Signal::~Signal() {
  for (const Waiting& waiting : std::exchange(waiting_, {})) {
    runtime_.cancel(waiting.deadline);
    runtime_.waiters().drop(waiting.waiter);
  }
}

Task<void> Signal::wait() {
  co_await runtime_.waiters().wait(
      [this](WaiterId waiter) { waiting_.push_back({.waiter = waiter, .deadline = 0}); });
}

Task<Woken> Signal::wait_until(MonoTime deadline) {
  return runtime_.waiters().wait([this, deadline](WaiterId waiter) {
    const auto waiting = waiting_.insert(waiting_.end(), {.waiter = waiter, .deadline = 0});
    waiting->deadline = runtime_.schedule(deadline, [this, waiting] {
      const WaiterId late = waiting->waiter;
      waiting_.erase(waiting);
      runtime_.waiters().wake(late, Woken::kDeadline);
    });
  });
}

void Signal::notify_all() {
  for (const Waiting& waiting : std::exchange(waiting_, {})) {
    runtime_.cancel(waiting.deadline);
    runtime_.waiters().wake(waiting.waiter, Woken::kNotified);
  }
  for (Signal* const linked : linked_) linked->notify_all();
}

}  // namespace streamhouse::runtime
