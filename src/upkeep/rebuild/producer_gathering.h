#pragma once
/// \file  ProducerGathering: what a partition remembers of its idempotent producers, from the
/// batches of spans that come in any order and perhaps twice. Pure.

#include <map>
#include <vector>

#include "segment/producer_state.h"

namespace streamhouse::upkeep {

/// Memory: at most kProducerBatchesMax batches a producer and partition.
class ProducerGathering {
 public:
  void add(const segment::Span& span);
  /// The newest batches of each, as one who saw them in order would remember them.
  segment::ProducerSnapshot snapshot(model::TopicPartition partition) const;
  /// The first id that no batch has.
  model::ProducerId next_id() const { return next_id_; }

 private:
  using Batches = std::map<model::Offset, segment::ProducerBatch>;  ///< By base offset.
  std::map<model::TopicPartition, std::map<model::ProducerId, Batches>> producers_;
  model::ProducerId next_id_{0};
};

}  // namespace streamhouse::upkeep
