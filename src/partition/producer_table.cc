#include "partition/producer_table.h"

#include <algorithm>
#include <limits>
#include <string>

#include "base/check.h"
#include "segment/producer_history.h"

namespace streamhouse::partition {
namespace {

using base::Errc;
using segment::ProducerBatch;

std::string describe(const ProducerBatch& batch) {
  return "producer " + std::to_string(batch.producer.value()) + " epoch " +
         std::to_string(batch.epoch.value()) + " sequence " + std::to_string(batch.first_sequence);
}

template <class Batches>
const ProducerBatch* find_repeat(const Batches& batches, const ProducerBatch& batch) {
  const auto found = std::ranges::find_if(batches, [&](const ProducerBatch& known) {
    return known.epoch == batch.epoch && known.first_sequence == batch.first_sequence &&
           known.last_sequence == batch.last_sequence;
  });
  return found == batches.end() ? nullptr : &*found;
}

}  // namespace

std::int32_t next_sequence(std::int32_t sequence) {
  return sequence == std::numeric_limits<std::int32_t>::max() ? 0 : sequence + 1;
}

ProducerTable::ProducerTable(const segment::ProducerSnapshot& snapshot) {
  for (const segment::ProducerEntry& entry : snapshot) {
    if (entry.batches.empty()) continue;
    producers_[entry.producer].committed = entry;
  }
}

base::Result<std::optional<model::OffsetRange>> ProducerTable::check(
    const ProducerBatch& batch) const {
  const auto found = producers_.find(batch.producer);
  if (found == producers_.end()) return std::nullopt;
  const Producer& producer = found->second;
  const ProducerBatch& newest = producer.newest();
  if (batch.epoch < newest.epoch) {
    return {Errc::kProducerFenced,
            describe(batch) + ": epoch " + std::to_string(newest.epoch.value()) + " has been seen"};
  }
  if (batch.epoch > newest.epoch) {
    if (batch.first_sequence == 0) return std::nullopt;
    return {Errc::kOutOfOrderSequence, describe(batch) + ": a new epoch starts at sequence 0"};
  }
  if (const auto* repeat = find_repeat(producer.pending, batch)) return repeat->offsets;
  if (const auto* repeat = find_repeat(producer.committed.batches, batch)) return repeat->offsets;
  const std::int32_t expected = next_sequence(newest.last_sequence);
  if (batch.first_sequence == expected) return std::nullopt;
  return {Errc::kOutOfOrderSequence,
          describe(batch) + ": expected sequence " + std::to_string(expected)};
}

void ProducerTable::add_pending(const ProducerBatch& batch) {
  if (!producers_.contains(batch.producer) && producers_.size() >= kProducersMax) forget_idlest();
  Producer& producer = producers_[batch.producer];
  SH_CHECK(producer.pending.empty() || producer.pending.back().offsets.next <= batch.offsets.base,
           "W5 batches of a producer are added in offset order");
  producer.pending.push_back(batch);
  pending_order_.push_back(batch.producer);
}

void ProducerTable::commit_below(model::Offset high_watermark) {
  while (!pending_order_.empty()) {
    Producer& producer = producers_.at(pending_order_.front());
    if (producer.pending.front().offsets.next > high_watermark) return;
    segment::remember_batch(producer.committed, producer.pending.front());
    producer.pending.pop_front();
    pending_order_.pop_front();
  }
}

void ProducerTable::forget_idlest() {
  auto idlest = producers_.end();
  for (auto it = producers_.begin(); it != producers_.end(); ++it) {
    if (!it->second.pending.empty()) continue;
    if (idlest == producers_.end() ||
        it->second.committed.last_timestamp < idlest->second.committed.last_timestamp) {
      idlest = it;
    }
  }
  if (idlest != producers_.end()) producers_.erase(idlest);
}

segment::ProducerSnapshot ProducerTable::committed() const {
  segment::ProducerSnapshot snapshot;
  for (const auto& [id, producer] : producers_) {
    if (!producer.committed.batches.empty()) snapshot.push_back(producer.committed);
  }
  return snapshot;
}

}  // namespace streamhouse::partition
