#pragma once
/// \file  SegmentCoverage: which offsets some spans hold together. Pure.

#include <map>
#include <vector>

#include "segment/span.h"

namespace streamhouse::upkeep {

class SegmentCoverage {
 public:
  void add(const segment::Span& span) { ranges_[span.partition].push_back(span.offsets); }
  /// Everything was added.
  void finish();
  /// Whether every offset of the span is held. Requires: finish().
  bool holds(const segment::Span& span) const;
  /// Whether any of them is held. Requires: finish().
  bool touches(const segment::Span& span) const;

 private:
  std::map<model::TopicPartition, std::vector<model::OffsetRange>> ranges_;
};

}  // namespace streamhouse::upkeep
