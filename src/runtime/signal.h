#pragma once
/// \file  Signal: a condition variable for coroutines of one executor. Waiting on "one of several
/// things" is waiting on a Signal, with a deadline, and then looking.

#include <list>

#include "runtime/runtime.h"

namespace streamhouse::runtime {

/// Lifetime:  destroying it drops its waiters' coroutines: the executor destroys them soon, they
/// are
///            not resumed.
/// Threading: the runtime's executor only; without waiters it may be destroyed anywhere.
class Signal {
 public:
  explicit Signal(Runtime& runtime) : runtime_(runtime) {}
  ~Signal();
  Signal(const Signal&) = delete;
  Signal& operator=(const Signal&) = delete;

  /// Resumes at the next notify_all(). There are no spurious wake-ups, and a notify before the wait
  /// is not remembered: check the condition first.
  Task<void> wait();
  /// Resumes at the next notify_all() or at `deadline`, whichever comes first.
  Task<Woken> wait_until(MonoTime deadline);
  /// Makes every present waiter ready, in the order they came; they run later, never inside this
  /// call.
  void notify_all();
  bool has_waiters() const { return !waiting_.empty(); }

 private:
  friend class SignalLink;
  struct Waiting {
    WaiterId waiter = 0;
    TimerId deadline = 0;
  };
  Runtime& runtime_;
  std::list<Waiting> waiting_;
  std::list<Signal*> linked_;
};

/// While it lives, each notify_all() of `from` is one of `to` as well: a coroutine that waits for
/// `to` waits for all that are linked to it.
/// Lifetime:  both signals outlive it.
/// Threading: theirs.
class SignalLink {
 public:
  SignalLink(Signal& from, Signal& to)
      : from_(from), place_(from.linked_.insert(from.linked_.end(), &to)) {}
  ~SignalLink() { from_.linked_.erase(place_); }
  SignalLink(const SignalLink&) = delete;
  SignalLink& operator=(const SignalLink&) = delete;

 private:
  Signal& from_;
  std::list<Signal*>::iterator place_;
};

}  // namespace streamhouse::runtime
