#include "metadata/dynamodb/spans/loaded_spans.h"

#include <algorithm>

namespace streamhouse::metadata::dynamodb {
namespace {

bool is_segment(const SpanLocation& span) { return span.session == model::kNoSession; }

/// What the segments hold, in as few ranges as that can be said in, by base offset.
std::vector<model::OffsetRange> segment_ranges(const std::vector<SpanLocation>& spans) {
  std::vector<model::OffsetRange> ranges;
  for (const SpanLocation& span : spans) {
    if (!is_segment(span)) continue;
    if (!ranges.empty() && ranges.back().next >= span.offsets.base)
      ranges.back().next = std::max(ranges.back().next, span.offsets.next);
    else
      ranges.push_back(span.offsets);
  }
  return ranges;
}

}  // namespace

void drop_replaced(std::vector<SpanLocation>& spans) {
  const auto ranges = segment_ranges(spans);
  std::erase_if(spans, [&](const SpanLocation& span) {
    if (is_segment(span)) return false;
    const auto behind =
        std::ranges::upper_bound(ranges, span.offsets.base, {}, &model::OffsetRange::base);
    return behind != ranges.begin() && std::prev(behind)->next >= span.offsets.next;
  });
}

bool cover(const std::vector<SpanLocation>& spans, model::OffsetRange range) {
  for (const SpanLocation& span : spans)
    if (span.offsets.base <= range.base) range.base = std::max(range.base, span.offsets.next);
  return range.base >= range.next;
}

}  // namespace streamhouse::metadata::dynamodb
