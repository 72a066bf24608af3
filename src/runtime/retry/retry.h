#pragma once
/// \file  retry_until_known: repeats a call that is safe to repeat until its outcome is known.

#include <optional>
#include <string>

#include "base/error.h"
#include "runtime/retry/backoff.h"
#include "runtime/task_group.h"

namespace streamhouse::runtime {

/// Awaits `call()` again and again, with backoff, while it answers unavailable, throttled or
/// unknown_outcome. Requires: the call is repeatable and finds its own earlier success.
/// Errors: the last answer; but once an attempt was of unknown outcome it may have been applied, so
///         kUnknownOutcome with the last answer's text, unless that answer's code is
///         `proves_absence`. If `group` stops before the outcome is known, likewise.
template <class Call>
auto retry_until_known(Runtime& runtime, TaskGroup& group, Call call,
                       std::optional<base::Errc> proves_absence = std::nullopt)
    -> decltype(call()) {
  Backoff backoff;
  bool maybe_applied = false;
  while (true) {
    auto result = co_await call();
    if (result) co_return result;
    const base::Errc code = result.error().code;
    maybe_applied = maybe_applied || code == base::Errc::kUnknownOutcome;
    bool over = base::retryability(code) != base::Retry::kAfterBackoff;
    if (!over) over = co_await group.sleep_until_stop(backoff.next(runtime.random()));
    if (!over) continue;
    if (!maybe_applied || code == proves_absence) co_return result;
    co_return base::make_error(base::Errc::kUnknownOutcome,
                               "an earlier attempt may have been applied; the last answer is " +
                                   to_string(result.error()));
  }
}

}  // namespace streamhouse::runtime
