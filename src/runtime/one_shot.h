#pragma once
/// \file  OneShot<T>: a value that is set once and awaited by any number of coroutines, for
/// instance the outcome of a batch, which its producer awaits while the commit loop decides it.

#include <memory>
#include <optional>
#include <utility>

#include "base/check.h"
#include "runtime/signal.h"

namespace streamhouse::runtime {

/// Copies share the value.
/// Threading: the runtime's executor only.
template <class T>
class OneShot {
 public:
  explicit OneShot(Runtime& runtime) : state_(std::make_shared<State>(runtime)) {}

  bool is_set() const { return state_->value.has_value(); }
  /// Requires: not set yet.
  void set(T value) const {
    SH_CHECK(!is_set(), "a one-shot is set once");
    state_->value = std::move(value);
    state_->ready.notify_all();
  }
  /// Requires: is_set().
  const T& value() const { return *state_->value; }

  /// Returns a copy of the value once it is set.
  Task<T> wait() const { return copied(state_); }
  /// Moves the value out once it is set; for a value with one waiter. Requires: no one else reads
  /// it.
  Task<T> take() const { return moved(state_); }
  /// nullopt if `deadline` passes first.
  Task<std::optional<T>> wait_until(MonoTime deadline) const {
    return copied_until(state_, deadline);
  }

 private:
  struct State {
    explicit State(Runtime& runtime) : ready(runtime) {}
    std::optional<T> value;
    Signal ready;
  };
  using StatePtr = std::shared_ptr<State>;

  // Of the state, not of a OneShot: one that ends before its task begins costs nothing.
  static Task<T> copied(StatePtr state) {
    while (!state->value) co_await state->ready.wait();
    co_return *state->value;
  }
  static Task<T> moved(StatePtr state) {
    while (!state->value) co_await state->ready.wait();
    co_return std::move(*state->value);
  }
  static Task<std::optional<T>> copied_until(StatePtr state, MonoTime deadline) {
    while (!state->value) {
      const Woken woken = co_await state->ready.wait_until(deadline);
      if (woken == Woken::kDeadline) break;
    }
    co_return state->value;
  }

  StatePtr state_;
};

}  // namespace streamhouse::runtime
