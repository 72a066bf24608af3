#pragma once
/// \file  BlockingPool: where calls that block (SQLite, file system) run, so that the core never
/// does.

#include <concepts>
#include <functional>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

#include "base/error.h"
#include "runtime/runtime.h"

namespace streamhouse::runtime {

/// Threading: run() on the runtime's executor; the function runs on a worker.
class BlockingPool {
 public:
  using Work = std::move_only_function<void()>;

  virtual ~BlockingPool() = default;

  /// Runs `function` on a worker and resumes the caller with its result. Calls of one pool with one
  /// worker run in the order they were made. The function must not throw; it and its result are
  /// destroyed on either thread.
  /// Errors: kThrottled without running it, if too many calls wait and the function returns a
  ///         Result. Other functions are always queued, so their callers must be few.
  /// Cancel: a caller that is destroyed meanwhile leaves the function running to its end.
  template <class Function>
  Task<std::invoke_result_t<Function&>> run(Function function) {
    using Value = std::invoke_result_t<Function&>;
    if constexpr (std::constructible_from<Value, base::Error>) {
      if (full())
        co_return base::make_error(base::Errc::kThrottled, "too many blocking calls wait");
    }
    const auto value = std::make_shared<std::optional<Value>>();
    auto work = [value, function = std::move(function)]() mutable { value->emplace(function()); };
    co_await run_work(std::move(work));
    co_return std::move(**value);
  }

 protected:
  virtual Runtime& runtime() = 0;
  /// Whether no more calls should be queued.
  virtual bool full() = 0;
  /// Queues `work` for a worker.
  virtual void submit(Work work) = 0;

 private:
  /// The part of run() that is the same for every function.
  Task<void> run_work(Work work);
};

}  // namespace streamhouse::runtime
