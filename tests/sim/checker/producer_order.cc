#include "producer_order.h"

#include <cstdint>
#include <string>

namespace streamhouse::sim {

std::string ProducerOrder::add(model::TopicPartition partition,
                               const model::RecordBatchView& batch) {
  if (!batch.is_idempotent()) return "";
  std::int32_t& next = next_[{partition, batch.producer_id()}];
  const std::int32_t expected = next;
  next = batch.base_sequence() + batch.record_count();
  if (batch.base_sequence() == expected) return "";
  return "producer " + std::to_string(batch.producer_id().value()) + " has sequence " +
         std::to_string(batch.base_sequence()) + " where " + std::to_string(expected) +
         " is expected";
}

}  // namespace streamhouse::sim
