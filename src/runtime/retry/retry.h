#pragma once
/// \file  retry_until_known: repeats a call that is safe to repeat until its outcome is known.

#include "base/error.h"
#include "runtime/retry/backoff.h"
#include "runtime/task_group.h"

namespace streamhouse::runtime {

/// Awaits `call()` again and again, with backoff, while it answers unavailable, throttled or
/// unknown_outcome; ends with the last such error when `group` stops. Requires: the call is
/// repeatable and finds its own earlier success.
template <class Call>
auto retry_until_known(Runtime& runtime, TaskGroup& group, Call call) -> decltype(call()) {
  Backoff backoff;
  while (true) {
    auto result = co_await call();
    if (result || base::retryability(result.error().code) != base::Retry::kAfterBackoff) {
      co_return result;
    }
    const bool stopping = co_await group.sleep_until_stop(backoff.next(runtime.random()));
    if (stopping) co_return result;
  }
}

}  // namespace streamhouse::runtime
