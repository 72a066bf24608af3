#pragma once
/// \file  TaskGroup: the background loops that one component owns. The group is closed before its
/// owner dies.

#include <cstddef>

#include "runtime/signal.h"

namespace streamhouse::runtime {

/// Loops look at stopping() after every await, and wait with sleep_until_stop(), with deadlines, or
/// on signals that their owner notifies beside stop().
/// Lifetime:  close() must have returned before destruction, unless the whole runtime is torn down
///            (a crash).
/// Threading: the runtime's executor only.
class TaskGroup {
 public:
  explicit TaskGroup(Runtime& runtime);

  /// Starts `task`. Requires: close() has not returned.
  void spawn(Task<void> task);
  bool stopping() const { return stopping_; }
  /// Tells loops to end: stopping() turns true and sleepers wake. Idempotent.
  void stop();
  /// Sleeps, but wakes at stop(). Returns stopping().
  Task<bool> sleep_until_stop(Duration duration);
  /// stop(), then returns when every task has ended.
  Task<void> close();
  std::size_t size() const { return running_; }

 private:
  Task<void> run_one(Task<void> task);

  Runtime& runtime_;
  std::size_t running_ = 0;
  bool stopping_ = false;
  bool closed_ = false;
  Signal stop_signal_;
  Signal idle_;
};

}  // namespace streamhouse::runtime
