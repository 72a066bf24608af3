#pragma once
/// \file  The only door to time, chance and concurrency. Production and simulation each have one
/// Runtime; everything above receives it as a constructor argument.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <utility>

#include "runtime/pending/timer_heap.h"
#include "runtime/pending/waiters.h"
#include "runtime/random.h"
#include "runtime/task.h"
#include "runtime/time.h"

namespace streamhouse::runtime {

/// Lifetime:  outlives every component and coroutine that uses it; coroutines that still wait when
///            it ends are destroyed, not resumed.
/// Threading: post() from any thread; everything else on the executor's own thread.
class Runtime {
 public:
  using Callback = std::move_only_function<void()>;

  virtual ~Runtime() = default;

  virtual MonoTime now() const = 0;
  virtual WallMs wall_now() const = 0;
  virtual Random& random() = 0;
  /// Never runs a function inside the call that submits it. Production keeps the order of
  /// submission; nothing may rely on that, and simulation mixes it.
  virtual Executor executor() = 0;

  /// Runs `callback` on the executor, soon, never inside this call.
  virtual void post(Callback callback) = 0;
  /// Runs `callback` on the executor at or after `at`; a time in the past means soon.
  virtual TimerId schedule(MonoTime at, Callback callback) = 0;
  /// After this the call does not run; unknown and past ids are ignored. Destroys the callback.
  virtual void cancel(TimerId timer) = 0;

  /// Starts a coroutine that nobody awaits. Only TaskGroup and front ends call this: a loop that a
  /// component owns goes into that component's TaskGroup, so that it ends before its owner. The
  /// task must not throw.
  void spawn(Task<void> task) {
    spawn_then(std::move(task), [] {});
  }
  /// Coroutines started by spawn() that neither ended nor were destroyed.
  std::size_t task_count() const { return task_count_; }
  /// Resumes after `duration`.
  Task<void> sleep(Duration duration);
  /// Goes to the back of the ready queue.
  Task<void> yield();

  /// Where Signal keeps its coroutines.
  Waiters& waiters() { return waiters_; }

 protected:
  /// Destroys every waiting coroutine; the executor decides when. Implementations call it before
  /// they end, while their executor still works.
  void drop_waiters() { waiters_.drop_all(); }
  /// spawn() that calls `ended` on the executor when the task has ended and no longer counts.
  void spawn_then(Task<void> task, Callback ended);

 private:
  class TaskCount;
  std::size_t task_count_ = 0;
  Waiters waiters_;
};

}  // namespace streamhouse::runtime
