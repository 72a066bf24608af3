#pragma once
/// \file  outlast(): a call that nobody else repeats, made again until it does not lose.

#include "metadata/postgres/driver/connection.h"

namespace streamhouse::metadata::postgres {

/// Makes a call that finds its own earlier success, again and again while it loses against other
/// transactions or its outcome stays open, as long as the connection lives; at most 100 times. For
/// what runs once, where no RetryPolicy stands above.
template <class Call>
auto outlast(Connection& db, Call call) -> std::invoke_result_t<Call&> {
  constexpr int kCallsMax = 100;
  for (int calls = 1;; ++calls) {
    db.forget_failure();
    auto answer = call();
    const bool may_win = db.failure() == Failure::kConflict || db.failure() == Failure::kUnknown;
    if (answer || !may_win || !db.usable() || calls == kCallsMax) return answer;
  }
}

}  // namespace streamhouse::metadata::postgres
