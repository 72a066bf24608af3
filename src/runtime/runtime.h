#pragma once
/// \file  The only door to time, chance and concurrency. Production and simulation each have one
/// Runtime; everything above receives it as a constructor argument.

#include <cstdint>
#include <functional>

#include "runtime/random.h"
#include "runtime/task.h"
#include "runtime/time.h"

namespace streamhouse::runtime {

/// Names a scheduled call; 0 names none.
using TimerId = std::uint64_t;

/// Lifetime:  outlives every component and coroutine that uses it.
/// Threading: post() from any thread; everything else on the executor's own thread.
class Runtime {
 public:
  using Callback = std::move_only_function<void()>;

  virtual ~Runtime() = default;

  virtual MonoTime now() const = 0;
  virtual WallMs wall_now() const = 0;
  virtual Random& random() = 0;
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
  void spawn(Task<void> task);
  /// Resumes after `duration`.
  Task<void> sleep(Duration duration);
  /// Goes to the back of the ready queue.
  Task<void> yield();
};

}  // namespace streamhouse::runtime
