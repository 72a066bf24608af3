#pragma once
/// \file  RetryPolicy: whether a call that failed is made again, and what its outcome then is.

#include <optional>

#include "base/error.h"
#include "metadata/operation.h"
#include "metadata/postgres/driver/postgres_error.h"
#include "runtime/time.h"

namespace streamhouse::metadata::postgres {

/// One for each call of an operation. A transaction that lost is tried again for 10 s, a
/// connection that broke is replaced at once. An outcome that is open is found out by repeating the
/// call on a fresh connection, if the operation finds its own earlier success and answers the same.
class RetryPolicy {
 public:
  explicit RetryPolicy(Operation operation) : operation_(operation) {}

  /// After a failure, so long after the call began: the longest time to wait before the next
  /// attempt, of which a random part is taken; nullopt: give up.
  std::optional<runtime::Duration> next(Failure failure, runtime::Duration elapsed);
  /// Whether an earlier attempt may have been applied: what the next one finds is to be confirmed.
  bool is_open() const { return is_open_; }
  /// What to answer for the newest attempt's error: where an earlier attempt may have been applied,
  /// only an answer that tells is passed on.
  base::Error settle(base::Error error) const;

 private:
  Operation operation_;
  int conflicts_ = 0;
  int repeats_ = 0;
  bool is_open_ = false;
};

}  // namespace streamhouse::metadata::postgres
