#include "upkeep/deletion/compacted_sweep_planner.h"

#include <algorithm>

#include "segment/object_key.h"

namespace streamhouse::upkeep {

void CompactedSweepPlanner::set_rows(const std::vector<metadata::ObjectRow>& rows) {
  named_.clear();
  for (const metadata::ObjectRow& row : rows) named_.insert(row.key);
}

void CompactedSweepPlanner::look_at(const std::string& key) {
  const auto name = segment::parse_key(key);
  const auto* output = name ? std::get_if<segment::SegmentKey>(&*name) : nullptr;
  const bool swept = output != nullptr && sealed_.contains(output->compactor);
  if (!swept || named_.contains(key)) return;
  garbage_.push_back(key);
  ++unnamed_[output->compactor];
}

base::Result<std::vector<std::string>> CompactedSweepPlanner::garbage() const {
  const auto lost = std::ranges::find_if(
      unnamed_, [](const auto& session) { return session.second > kUnnamedMax; });
  if (lost == unnamed_.end()) return garbage_;
  return {base::Errc::kRegressed,
          "session " + to_string(lost->first) + " has compacted " + std::to_string(lost->second) +
              " objects that no row names: the database seems to have lost rows, no compacted "
              "object is swept"};
}

}  // namespace streamhouse::upkeep
