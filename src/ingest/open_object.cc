#include "ingest/open_object.h"

#include <algorithm>

#include "base/check.h"

namespace streamhouse::ingest {
void OpenObject::add(const std::shared_ptr<partition::PartitionLog>& log,
                     const model::RecordBatchView& batch, base::Bytes bytes,
                     runtime::MonoTime now) {
  if (spans_.empty()) first_batch_at_ = now;
  OpenSpan& span = span_of(log);
  const bool first = span.batches.empty();
  SH_CHECK(first || span.offsets.next == batch.base_offset(), "L3 a span has no gap");
  if (first) span.offsets.base = batch.base_offset();
  span.offsets.next = batch.next_offset();
  span.max_timestamp =
      first ? batch.max_timestamp() : std::max(span.max_timestamp, batch.max_timestamp());
  span.bytes += bytes.size();
  bytes_ += bytes.size();
  ++batches_;
  span.batches.push_back(std::move(bytes));
}

OpenSpan& OpenObject::span_of(const std::shared_ptr<partition::PartitionLog>& log) {
  const auto [found, added] = positions_.try_emplace(log.get(), spans_.size());
  if (added) spans_.push_back({.log = log});
  return spans_[found->second];
}

std::vector<OpenSpan> OpenObject::take_spans() && {
  std::ranges::sort(spans_, {}, [](const OpenSpan& span) { return span.log->key(); });
  return std::move(spans_);
}

}  // namespace streamhouse::ingest
