#include "partition/span_index.h"

#include <algorithm>

#include "base/check.h"

namespace streamhouse::partition {
namespace {

base::Error hole(model::Offset expected, model::Offset found) {
  return base::make_error(base::Errc::kCorrupt, "L3 spans do not tile: expected one at offset " +
                                                    std::to_string(expected.value()) +
                                                    ", the next begins at " +
                                                    std::to_string(found.value()));
}

}  // namespace

void SpanIndex::append(IndexEntry entry) {
  SH_CHECK(entries_.empty() || entries_.back().offsets.next == entry.offsets.base,
           "L3 a span begins where the last one ends");
  total_length_ += entry.length;
  entries_.push_back(std::move(entry));
}

base::Status SpanIndex::load_older(std::vector<IndexEntry> older, model::Offset log_start,
                                   model::Offset high_watermark) {
  const model::Offset end = entries_.empty() ? high_watermark : entries_.front().offsets.base;
  std::erase_if(older, [&](const IndexEntry& entry) {
    return entry.offsets.base >= end || entry.offsets.next <= log_start;
  });
  std::ranges::sort(older, {}, [](const IndexEntry& entry) { return entry.offsets.base; });
  model::Offset expected = older.empty() ? log_start : std::min(log_start, end);
  for (const IndexEntry& entry : older) {
    const bool first = &entry == &older.front();
    if (first ? entry.offsets.base > expected : entry.offsets.base != expected) {
      return hole(expected, entry.offsets.base);
    }
    expected = entry.offsets.next;
  }
  const bool reaches_end = expected == end || (older.empty() && log_start >= end);
  if (!reaches_end) return hole(expected, end);
  for (auto entry = older.rbegin(); entry != older.rend(); ++entry) {
    total_length_ += entry->length;
    entries_.push_front(std::move(*entry));
  }
  return {};
}

void SpanIndex::trim(model::Offset log_start) {
  while (!entries_.empty() && entries_.front().offsets.next <= log_start) {
    total_length_ -= entries_.front().length;
    entries_.pop_front();
  }
}

const IndexEntry* SpanIndex::find(model::Offset offset) const {
  if (entries_.empty() || offset >= entries_.back().offsets.next) return nullptr;
  if (offset >= entries_.back().offsets.base) return &entries_.back();
  const auto after = std::ranges::upper_bound(
      entries_, offset, {}, [](const IndexEntry& entry) { return entry.offsets.base; });
  if (after == entries_.begin()) return nullptr;
  return &*std::prev(after);
}

const IndexEntry* SpanIndex::find_timestamp(std::int64_t timestamp) const {
  const auto found = std::ranges::find_if(
      entries_, [&](const IndexEntry& entry) { return entry.max_timestamp >= timestamp; });
  return found == entries_.end() ? nullptr : &*found;
}

}  // namespace streamhouse::partition
