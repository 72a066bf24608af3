#include "upkeep/fsck/offset_coverage.h"

#include <algorithm>
#include <iterator>

namespace streamhouse::upkeep {

void OffsetCoverage::add(const segment::Span& span) {
  Cover& cover = covers_[span.partition];
  auto& runs = cover.runs;
  const auto join = [&cover](Run& left, model::Offset right_base, const Run& right) {
    if (left.next > right_base || left.last_epoch > right.first_epoch) cover.disordered = true;
    left.next = std::max(left.next, right.next);
    left.last_epoch = right.last_epoch;
  };
  const Run added{span.offsets.next, span.epoch, span.epoch};
  auto run = runs.upper_bound(span.offsets.base);
  if (run != runs.begin() && std::prev(run)->second.next >= span.offsets.base) {
    run = std::prev(run);
    join(run->second, span.offsets.base, added);
  } else {
    run = runs.emplace_hint(run, span.offsets.base, added);
  }
  for (auto after = std::next(run); after != runs.end() && after->first <= run->second.next;) {
    join(run->second, after->first, after->second);
    after = runs.erase(after);
  }
}

bool OffsetCoverage::agrees_with(const metadata::Partition& row,
                                 const Checkpointed& checkpointed) const {
  if (checkpointed.log_start > row.log_start) return false;
  const model::Offset shown = std::max(row.visible_high_watermark, checkpointed.high_watermark);
  model::Offset end = row.log_start;
  const auto found = covers_.find(row.key);
  if (found != covers_.end()) {
    const auto& [base, run] = *found->second.runs.rbegin();
    if (found->second.disordered || run.last_epoch > row.epoch) return false;
    if (run.next > row.log_start && base > row.log_start) return false;
    end = std::max(end, run.next);
  }
  const bool is_free = row.owner == model::kNoSession;
  return is_free ? end == row.high_watermark && end >= shown
                 : end >= std::max(row.high_watermark, shown);
}

}  // namespace streamhouse::upkeep
