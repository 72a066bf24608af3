#include "upkeep/fsck/compacted_spans.h"

#include <algorithm>

#include "base/crc32c.h"

namespace streamhouse::upkeep {
namespace {

std::uint32_t crc_of(const std::string& key) { return base::crc32c(base::as_bytes(key)); }

}  // namespace

void CompactedSpans::add(const std::string& object_key, const segment::Span& span) {
  places_.emplace(Next(span.partition, span.offsets.next), Place{.base = span.offsets.base,
                                                                 .position = span.position,
                                                                 .length = span.length,
                                                                 .key_crc = crc_of(object_key)});
}

bool CompactedSpans::agree_with(model::TopicPartition key,
                                const metadata::SpanLocation& segment) const {
  if (damaged_.contains(segment.object_key)) return true;
  const Place wanted{.base = segment.offsets.base,
                     .position = segment.position,
                     .length = segment.length,
                     .key_crc = crc_of(segment.object_key)};
  const auto [first, end] = places_.equal_range(Next(key, segment.offsets.next));
  return std::any_of(first, end, [&](const auto& held) { return held.second == wanted; });
}

bool CompactedSpans::is_same(const segment::Span& span, model::TopicPartition key,
                             const metadata::SpanLocation& segment) {
  return span.partition == key && span.offsets == segment.offsets &&
         span.position == segment.position && span.length == segment.length;
}

}  // namespace streamhouse::upkeep
