#pragma once
/// \file  TimerHeap: calls that wait for a time. Both runtimes keep theirs here; it knows no clock.

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "runtime/pending/slot_table.h"
#include "runtime/time.h"

namespace streamhouse::runtime {

/// Names a scheduled call; 0 names none.
using TimerId = std::uint64_t;

/// A binary heap by (time, order of scheduling), so that equal times fire in the order they were
/// set. Threading: one thread at a time. Cost: O(log n) to schedule, cancel and take.
class TimerHeap {
 public:
  using Callback = std::move_only_function<void()>;

  TimerId schedule(MonoTime at, Callback callback);
  /// Hands the callback back for the caller to destroy; empty if the id is past or unknown.
  Callback cancel(TimerId timer);
  /// When the next call is due; nullopt if none is scheduled.
  std::optional<MonoTime> next_deadline() const;
  /// The earliest call that is due at `now`, removed; empty if there is none.
  Callback take_due(MonoTime now);
  /// Removes the earliest call whenever it is due; empty if there is none.
  Callback take_any();
  std::size_t size() const { return heap_.size(); }

 private:
  struct Call {
    Callback callback;
    std::size_t position = 0;  ///< Index into heap_.
  };
  struct Node {
    MonoTime at;
    std::uint64_t order = 0;
    TimerId id = 0;
  };
  static bool earlier(const Node& a, const Node& b);
  void place(std::size_t position, const Node& node);
  void sift_up(std::size_t position);
  void sift_down(std::size_t position);
  void remove(std::size_t position);

  SlotTable<Call> calls_;
  std::vector<Node> heap_;
  std::uint64_t scheduled_ = 0;
};

}  // namespace streamhouse::runtime
