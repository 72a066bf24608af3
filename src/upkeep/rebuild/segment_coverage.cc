#include "upkeep/rebuild/segment_coverage.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace streamhouse::upkeep {

/// Makes the ranges of each partition sorted runs that do not touch.
void SegmentCoverage::finish() {
  for (auto& [key, ranges] : ranges_) {
    std::ranges::sort(ranges);
    std::vector<model::OffsetRange> runs;
    for (const model::OffsetRange& range : ranges) {
      if (runs.empty() || range.base > runs.back().next) {
        runs.push_back(range);
      } else {
        runs.back().next = std::max(runs.back().next, range.next);
      }
    }
    ranges = std::move(runs);
  }
}

bool SegmentCoverage::holds(const segment::Span& span) const {
  const auto found = ranges_.find(span.partition);
  if (found == ranges_.end()) return false;
  const auto& runs = found->second;
  const auto after =
      std::ranges::upper_bound(runs, span.offsets.base, {}, &model::OffsetRange::base);
  return after != runs.begin() && std::prev(after)->next >= span.offsets.next;
}

bool SegmentCoverage::touches(const segment::Span& span) const {
  const auto found = ranges_.find(span.partition);
  if (found == ranges_.end()) return false;
  const auto after =
      std::ranges::lower_bound(found->second, span.offsets.next, {}, &model::OffsetRange::base);
  return after != found->second.begin() && std::prev(after)->next > span.offsets.base;
}

}  // namespace streamhouse::upkeep
