#pragma once
/// \file  Waiters: the coroutines of one runtime that wait for something. The runtime owns them and
/// signals and timers only name them, so that a crash or the end of the runtime can destroy them.

#include <cstddef>
#include <cstdint>
#include <functional>

#include "runtime/pending/slot_table.h"
#include "runtime/task.h"

namespace streamhouse::runtime {

enum class Woken : std::uint8_t { kNotified, kDeadline };

/// Names a waiting coroutine; 0 names none.
using WaiterId = std::uint64_t;

/// Threading: the runtime's executor only.
class Waiters {
 public:
  /// Told the id of the coroutine that now waits, before anything can wake it.
  using Started = std::move_only_function<void(WaiterId)>;

  Waiters() = default;
  Waiters(const Waiters&) = delete;
  Waiters& operator=(const Waiters&) = delete;
  ~Waiters() { drop_all(); }

  /// Suspends the caller until wake().
  Task<Woken> wait(Started started);
  /// Makes the coroutine ready on its own executor; it runs later, never inside this call. Ids that
  /// were woken or dropped before are ignored.
  void wake(WaiterId id, Woken how);
  /// Destroys the coroutine, through its executor, without resuming it.
  void drop(WaiterId id);
  /// Also drops those that appear while it runs.
  void drop_all();
  std::size_t size() const { return table_.size(); }

 private:
  using Resume = std::move_only_function<void(Woken)>;
  SlotTable<Resume> table_;
};

}  // namespace streamhouse::runtime
