#include "metadata/dynamodb/driver/retry_policy.h"

#include <algorithm>

namespace streamhouse::metadata::dynamodb {

std::optional<runtime::Duration> RetryPolicy::next(Failure failure, runtime::Duration elapsed) {
  if (failure == Failure::kUnknown) is_open_ = true;
  if (failure == Failure::kNone || failure == Failure::kLost) return std::nullopt;
  const runtime::Duration pause = pause_;
  pause_ = std::min(2 * pause_, options_.pause_max);
  if (elapsed + pause > options_.time_max) return std::nullopt;
  return pause;
}

base::Error RetryPolicy::settle(base::Error error) const {
  if (!is_open_) return error;
  return base::make_error(base::Errc::kUnknownOutcome, "may have been applied; then " + error.text);
}

}  // namespace streamhouse::metadata::dynamodb
