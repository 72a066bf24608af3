#include "segment/span.h"

#include <limits>

#include "segment/packed/producer_batch.h"

namespace streamhouse::segment {
namespace {

bool is_offset_range(const model::OffsetRange& range) {
  return range.base.value() >= 0 && range.base < range.next;
}

std::string_view order_fault(const Span& previous, const Span& span) {
  if (span.position != previous.position + previous.length) return "span position leaves a gap";
  if (span.partition < previous.partition) return "spans are not sorted";
  if (span.partition == previous.partition && span.offsets.base < previous.offsets.next)
    return "spans overlap";
  return {};
}

std::string_view producers_fault(const Span& span) {
  model::Offset next = span.offsets.base;
  for (const ProducerBatch& batch : span.producers) {
    if (const auto fault = producer_batch_fault(batch, next); !fault.empty()) return fault;
    next = batch.offsets.next;
  }
  return next <= span.offsets.next ? std::string_view() : "producer batch lies outside its span";
}

}  // namespace

std::string_view span_fault(const Span* previous, const Span& span) {
  if (span.partition.topic.value() == 0 || span.partition.partition.value() < 0)
    return "span names no partition";
  if (span.epoch.value() < 0) return "leader epoch is negative";
  if (!is_offset_range(span.offsets)) return "offsets are no range";
  if (span.length == 0) return "span has no bytes";
  if (span.position > std::numeric_limits<std::uint64_t>::max() - span.length)
    return "span position overflows";
  if (span.batch_count == 0 || span.batch_count > static_cast<std::uint64_t>(span.offsets.size()))
    return "batch count does not fit the offsets";
  if (previous != nullptr) {
    if (const auto fault = order_fault(*previous, span); !fault.empty()) return fault;
  }
  return producers_fault(span);
}

std::uint64_t place_spans(SpanTable& table, std::uint64_t position) {
  for (Span& span : table) {
    span.position = position;
    position += span.length;
  }
  return position;
}

}  // namespace streamhouse::segment
