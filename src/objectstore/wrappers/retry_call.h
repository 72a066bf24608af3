#pragma once
/// \file  retry_call: makes one failed call again, as a RetryPolicy allows.

#include <functional>
#include <string>
#include <utility>

#include "objectstore/wrappers/retry_policy.h"
#include "runtime/retry/backoff.h"
#include "runtime/runtime.h"

namespace streamhouse::objectstore {

/// What repeats are made with. Both outlive the call.
struct Retries {
  runtime::Runtime& runtime;
  RetryPolicy& policy;
  runtime::Backoff::Limits backoff;
};

/// The error of a call that is not made again after `attempts`, one of which may have been applied.
base::Error given_up(base::Error error, std::uint32_t attempts, bool maybe_applied);

/// `begin` begins an attempt; it stays valid for all of them. Errors: the last attempt's; but
/// kUnknownOutcome once an attempt was of unknown outcome, unless the last one says that no attempt
/// can have been applied.
template <class T>
runtime::Task<base::Result<T>> retry_call(Retries retries,
                                          std::function<runtime::Task<base::Result<T>>()> begin) {
  const runtime::MonoTime started = retries.runtime.now();
  runtime::Backoff backoff(retries.backoff);
  bool maybe_applied = false;
  retries.policy.begin_call();
  for (std::uint32_t number = 1;; ++number) {
    auto attempt = begin();
    base::Result<T> result = co_await std::move(attempt);
    if (result) co_return result;
    const base::Errc code = result.error().code;
    maybe_applied = maybe_applied || code == base::Errc::kUnknownOutcome;
    const runtime::Duration delay = backoff.next(retries.runtime.random());
    if (!retries.policy.allow({number, retries.runtime.now() - started, code}, delay))
      co_return given_up(std::move(result).error(), number, maybe_applied);
    co_await retries.runtime.sleep(delay);
  }
}

}  // namespace streamhouse::objectstore
