#include "objectstore/wrappers/concurrency_policy.h"

#include <algorithm>

namespace streamhouse::objectstore {

void ConcurrencyPolicy::succeeded(std::size_t in_use) {
  if (in_use < limit()) return;
  limit_ = std::min(limit_ + 1 / limit_, static_cast<double>(options_.limit_max));
}

void ConcurrencyPolicy::throttled(runtime::MonoTime now) {
  if (now < halve_again_at_) return;
  limit_ = std::max(limit_ / 2, static_cast<double>(options_.limit_min));
  halve_again_at_ = now + options_.halve_interval;
  ++halving_count_;
}

}  // namespace streamhouse::objectstore
