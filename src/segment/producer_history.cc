#include "segment/producer_history.h"

#include <algorithm>

#include "base/check.h"

namespace streamhouse::segment {

void remember_batch(ProducerEntry& entry, const ProducerBatch& batch) {
  SH_CHECK(entry.batches.empty() || batch.epoch >= entry.epoch,
           "W5 producer epochs do not go back");
  if (batch.epoch != entry.epoch) entry.batches.clear();
  entry.producer = batch.producer;
  entry.epoch = batch.epoch;
  entry.last_timestamp = std::max(entry.last_timestamp, batch.max_timestamp);
  if (entry.batches.size() == kProducerBatchesMax) entry.batches.erase(entry.batches.begin());
  entry.batches.push_back(batch);
}

}  // namespace streamhouse::segment
