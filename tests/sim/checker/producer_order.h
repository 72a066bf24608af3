#pragma once
/// \file  ProducerOrder: the sequence numbers of idempotent producers in what is committed (L6).

#include <map>
#include <string>

#include "model/record_batch.h"

namespace streamhouse::sim {

/// A simulated producer repeats each batch until it knows of it, so committed sequences have
/// neither gap nor repeat, however many are on their way at once. Of batches without a producer id
/// only this much is promised, and W1 with an append-only log implies it: one that was sent after
/// another was acknowledged lies behind it.
class ProducerOrder {
 public:
  /// The next committed batch of the partition: why it may not come here, or empty.
  std::string add(model::TopicPartition partition, const model::RecordBatchView& batch);

 private:
  std::map<std::pair<model::TopicPartition, model::ProducerId>, std::int32_t> next_;
};

}  // namespace streamhouse::sim
