#include "kafka/records/fetch_planner.h"

#include <algorithm>

namespace streamhouse::kafka {
namespace {

std::size_t not_negative(std::int32_t value) {
  return static_cast<std::size_t>(std::max(value, 0));
}

}  // namespace

FetchPlanner::FetchPlanner(FetchBounds bounds, const std::vector<std::int32_t>& partition_bytes_max)
    : bytes_min_(not_negative(std::min(bounds.bytes_min, bounds.bytes_max))),
      bytes_max_(not_negative(bounds.bytes_max)) {
  for (const std::int32_t bytes_max : partition_bytes_max)
    shares_.push_back({.bytes_max = not_negative(bytes_max)});
}

std::size_t FetchPlanner::allowance(std::size_t partition) const {
  const Share& share = shares_[partition];
  const std::size_t others = bytes_ - share.bytes;
  const std::size_t left = bytes_max_ > others ? bytes_max_ - others : 0;
  const std::size_t allowed = std::min(share.bytes_max, left);
  // One that nobody is ahead of has its first batch, whatever the bounds are.
  if (is_first(partition) && share.bytes == 0) return std::max<std::size_t>(allowed, 1);
  return allowed > share.bytes ? allowed : 0;
}

bool FetchPlanner::take(std::size_t partition, std::size_t bytes) {
  Share& share = shares_[partition];
  if (!is_first(partition) && bytes > allowance(partition)) return false;
  bytes_ += bytes - share.bytes;
  share.bytes = bytes;
  return true;
}

bool FetchPlanner::complete() const {
  return failed_ || shares_.empty() || bytes_ >= bytes_min_ || bytes_ >= bytes_max_;
}

}  // namespace streamhouse::kafka
