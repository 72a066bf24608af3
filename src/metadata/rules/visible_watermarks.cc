#include "metadata/rules/visible_watermarks.h"

#include <algorithm>

namespace streamhouse::metadata {
namespace {

VisibleWatermark higher(const VisibleWatermark& a, const VisibleWatermark& b) {
  if (a.epoch != b.epoch) return a.epoch < b.epoch ? b : a;
  return a.high_watermark < b.high_watermark ? b : a;
}

}  // namespace

VisibleWatermarks raised(const VisibleWatermarks& before, const segment::CheckpointTable& entries) {
  VisibleWatermarks after;
  after.reserve(std::max(before.size(), entries.size()));
  auto old = before.begin();
  for (const segment::PartitionCheckpoint& entry : entries) {
    while (old != before.end() && old->partition < entry.partition) after.push_back(*old++);
    const VisibleWatermark shown{entry.partition, entry.epoch, entry.high_watermark};
    const bool is_known = old != before.end() && old->partition == entry.partition;
    after.push_back(is_known ? higher(*old++, shown) : shown);
  }
  after.insert(after.end(), old, before.end());
  return after;
}

Offset visible_for(const VisibleWatermarks& of_leader, const Partition& row) {
  const auto found = std::ranges::lower_bound(of_leader, row.key, {}, &VisibleWatermark::partition);
  const bool counts =
      found != of_leader.end() && found->partition == row.key && found->epoch == row.epoch;
  return counts ? std::max(row.visible_high_watermark, found->high_watermark)
                : row.visible_high_watermark;
}

}  // namespace streamhouse::metadata
