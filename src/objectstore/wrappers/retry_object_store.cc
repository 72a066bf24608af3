#include "objectstore/wrappers/retry_object_store.h"

#include <utility>

namespace streamhouse::objectstore {

using base::Errc;
using base::Error;

namespace {

/// Whether a call that fails so was never applied, not by an earlier attempt either.
bool excludes_success(Errc code) {
  return code == Errc::kExists || code == Errc::kInvalid || code == Errc::kTooLarge;
}

Error given_up(Error error, std::uint32_t attempts, bool maybe_applied) {
  const bool retriable = base::retryability(error.code) == base::Retry::kAfterBackoff;
  if (retriable && attempts > 1)
    error.text += " (given up after " + std::to_string(attempts) + " attempts)";
  if (maybe_applied && !excludes_success(error.code)) error.code = Errc::kUnknownOutcome;
  return error;
}

}  // namespace

template <class T>
Task<Result<T>> RetryObjectStore::repeat(std::function<Task<Result<T>>()> begin) {
  const runtime::MonoTime started = runtime_.now();
  runtime::Backoff backoff(backoff_);
  bool maybe_applied = false;
  policy_.begin_call();
  for (std::uint32_t number = 1;; ++number) {
    auto attempt = begin();
    Result<T> result = co_await std::move(attempt);
    if (result) co_return result;
    const Errc code = result.error().code;
    maybe_applied = maybe_applied || code == Errc::kUnknownOutcome;
    const runtime::Duration delay = backoff.next(runtime_.random());
    if (!policy_.allow({number, runtime_.now() - started, code}, delay))
      co_return given_up(std::move(result).error(), number, maybe_applied);
    co_await runtime_.sleep(delay);
    ++retry_count_;
  }
}

Task<Status> RetryObjectStore::put(ObjectKey key, Chunks content) {
  auto begin = [this, key = std::move(key), content = std::move(content)] {
    return inner_.put(key, content);
  };
  return repeat<void>(std::move(begin));
}

Task<Result<Bytes>> RetryObjectStore::get(ObjectKey key, ByteRange range) {
  auto begin = [this, key = std::move(key), range] { return inner_.get(key, range); };
  return repeat<Bytes>(std::move(begin));
}

Task<Result<ObjectInfo>> RetryObjectStore::head(ObjectKey key) {
  auto begin = [this, key = std::move(key)] { return inner_.head(key); };
  return repeat<ObjectInfo>(std::move(begin));
}

Task<Result<ObjectPage>> RetryObjectStore::list(std::string prefix, ObjectKey start_after,
                                                std::size_t limit) {
  auto begin = [this, prefix = std::move(prefix), start_after = std::move(start_after), limit] {
    return inner_.list(prefix, start_after, limit);
  };
  return repeat<ObjectPage>(std::move(begin));
}

Task<Status> RetryObjectStore::remove(ObjectKey key) {
  auto begin = [this, key = std::move(key)] { return inner_.remove(key); };
  return repeat<void>(std::move(begin));
}

}  // namespace streamhouse::objectstore
