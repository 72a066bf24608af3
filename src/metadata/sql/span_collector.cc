#include "metadata/sql/span_collector.h"

#include <algorithm>

#include "metadata/rules/session_rules.h"
#include "segment/object_key.h"

namespace streamhouse::metadata {

void SpanCollector::want(TopicPartition key, Offset above) {
  places_.emplace(key, wanted_.size());
  wanted_.push_back({key, above, {}});
}

void SpanCollector::take_commit(SpanLocation commit, base::BytesView span_table) {
  const auto table = segment::decode_span_table(span_table);
  if (!table) {
    if (damage_.empty()) damage_ = row_name(commit.session, commit.seq) + ": " + table.error().text;
    return;
  }
  commit.object_key = segment::object_key(commit.session, commit.seq);
  for (const segment::Span& span : *table) {
    const auto place = places_.find(span.partition);
    if (place == places_.end()) continue;
    Wanted& wanted = wanted_[place->second];
    if (span.offsets.next <= wanted.above) continue;
    SpanLocation& location = wanted.spans.emplace_back(commit);
    location.offsets = span.offsets;
    location.position = span.position;
    location.length = span.length;
    location.max_timestamp = span.max_timestamp;
    location.epoch = span.epoch;
  }
}

std::vector<SpanLocation> SpanCollector::spans(std::size_t place) {
  std::vector<SpanLocation> spans = std::move(wanted_[place].spans);
  if (!std::ranges::is_sorted(spans, {}, &SpanLocation::offsets))  // those of one log are
    std::ranges::sort(spans, {}, &SpanLocation::offsets);
  return spans;
}

}  // namespace streamhouse::metadata
