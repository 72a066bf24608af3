#include "objectstore/wrappers/retry_policy.h"

#include <algorithm>

namespace streamhouse::objectstore {

void RetryPolicy::begin_call() {
  budget_ = std::min(options_.budget_max, budget_ + options_.budget_per_call);
}

bool RetryPolicy::allow(const Attempt& failed, Duration delay) {
  if (base::retryability(failed.code) != base::Retry::kAfterBackoff) return false;
  if (failed.number >= options_.attempts_max) return false;
  if (failed.elapsed + delay > options_.time_max || budget_ < 1) return false;
  budget_ -= 1;
  ++retry_count_;
  return true;
}

}  // namespace streamhouse::objectstore
