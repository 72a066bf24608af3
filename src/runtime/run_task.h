#pragma once
/// \file  run_task(): a coroutine's result for code that is none: main functions and tests.

#include <optional>
#include <utility>

#include "base/check.h"
#include "runtime/task.h"

namespace streamhouse::runtime {

template <class T>
Task<void> store_result(Task<T> task, std::optional<T>* result) {
  result->emplace(co_await std::move(task));
}

/// Runs `task` on `runtime`, and all else that is ready there, until it has ended. The calling
/// thread is the executor's meanwhile.
template <class R, class T>
T run_task(R& runtime, Task<T> task) {
  std::optional<T> result;
  runtime.run_until_ended(store_result(std::move(task), &result));
  SH_CHECK(result.has_value(), "the task ended");
  return std::move(*result);
}
template <class R>
void run_task(R& runtime, Task<void> task) {
  runtime.run_until_ended(std::move(task));
}

}  // namespace streamhouse::runtime
