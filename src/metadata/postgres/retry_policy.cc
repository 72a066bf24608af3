#include "metadata/postgres/retry_policy.h"

#include <algorithm>

namespace streamhouse::metadata::postgres {
namespace {

using base::Errc;
using std::chrono::milliseconds;

/// As long as a lock is waited for.
constexpr std::chrono::seconds kConflictsLast(10);
constexpr int kRepeatsMax = 8;

runtime::Duration doubled(milliseconds first, int times, milliseconds longest) {
  return std::min(first * (1 << std::min(times, 10)), longest);
}

/// Whether a repetition finds what was applied and answers as the first call would have.
bool finds_itself(Operation operation) {
  return operation != Operation::kOpenSession && operation != Operation::kRecoverPartitions &&
         operation != Operation::kDeleteSegmentsBefore && operation != Operation::kExpireOffsets;
}

/// A repeated append looks for its row, so any of these says that it was not there.
bool tells(Operation operation, Errc code) {
  return operation == Operation::kAppend && (code == Errc::kFenced || code == Errc::kRegressed);
}

}  // namespace

std::optional<runtime::Duration> RetryPolicy::next(Failure failure, runtime::Duration elapsed) {
  if (failure == Failure::kNone) return std::nullopt;
  if (failure == Failure::kConflict) {
    if (elapsed >= kConflictsLast) return std::nullopt;
    return doubled(milliseconds(1), ++conflicts_, milliseconds(200));
  }
  if (failure == Failure::kUnknown && info(operation_).access == Access::kWrite) is_open_ = true;
  const int repeats_max = is_open_ ? kRepeatsMax : 1;
  if (++repeats_ > repeats_max || (is_open_ && !finds_itself(operation_))) return std::nullopt;
  return repeats_ == 1 ? milliseconds(0) : doubled(milliseconds(25), repeats_, milliseconds(1000));
}

base::Error RetryPolicy::settle(base::Error error) const {
  if (!is_open_ || tells(operation_, error.code)) return error;
  return base::make_error(Errc::kUnknownOutcome, "may have been applied; then " + error.text);
}

}  // namespace streamhouse::metadata::postgres
