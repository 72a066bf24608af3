#include "upkeep/rebuild/producer_gathering.h"

#include <algorithm>

#include "segment/producer_history.h"

namespace streamhouse::upkeep {

void ProducerGathering::add(const segment::Span& span) {
  if (span.producers.empty()) return;
  auto& known = producers_[span.partition];
  for (const segment::ProducerBatch& batch : span.producers) {
    Batches& newest = known[batch.producer];
    newest.try_emplace(batch.offsets.base, batch);
    if (newest.size() > segment::kProducerBatchesMax) newest.erase(newest.begin());
    next_id_ = std::max(next_id_, model::ProducerId(batch.producer.value() + 1));
  }
}

segment::ProducerSnapshot ProducerGathering::snapshot(model::TopicPartition partition) const {
  segment::ProducerSnapshot snapshot;
  const auto found = producers_.find(partition);
  if (found == producers_.end()) return snapshot;
  for (const auto& [producer, batches] : found->second) {
    segment::ProducerEntry entry;
    for (const auto& [base, batch] : batches) {
      const bool first = entry.batches.empty();
      // Neither happens in a log that is whole.
      if (!first && batch.epoch < entry.epoch) continue;
      if (!first && batch.offsets.base < entry.batches.back().offsets.next) continue;
      segment::remember_batch(entry, batch);
    }
    snapshot.push_back(std::move(entry));
  }
  return snapshot;
}

}  // namespace streamhouse::upkeep
