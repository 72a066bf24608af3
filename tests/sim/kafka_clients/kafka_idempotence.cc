// Idempotent producers: several batches on their way at once, each repeated until it is known.
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <utility>

#include "kafka_actors.h"

namespace streamhouse::sim {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using enum wire::ErrorCode;

/// Fewer than the five batches that an agent remembers.
constexpr std::size_t kInFlightMax = 3;

bool breaks_sequence(wire::ErrorCode code) {
  return code == kOutOfOrderSequenceNumber || code == kDuplicateSequenceNumber ||
         code == kInvalidProducerEpoch || code == kUnknownProducerId;
}

}  // namespace

runtime::Task<model::ProducerId> KafkaActors::new_producer_id() {
  while (true) {
    Process* const process = any_process();
    if (process != nullptr) {
      KafkaClient link(world_.client(), *process);
      const auto reply = co_await link.ask(4, wire::InitProducerIdRequest{}, seconds(3));
      link.hang_up();
      if (reply && (*reply)->error_code == kNone)
        co_return model::ProducerId((*reply)->producer_id);
    }
    if (actors_.stopping()) co_return model::kNoProducer;
    co_await pause(300);
  }
}

runtime::Task<void> KafkaActors::produce_idempotent(int number) {
  const model::ProducerId producer = co_await new_producer_id();
  Pipeline own{.name = "kafka idempotent " + std::to_string(number),
               .partition = actors_.any_partition(),
               .producer = producer};
  bool gives_up = own.producer == model::kNoProducer;
  while (!gives_up && (!actors_.stopping() || !own.in_flight.empty())) {
    co_await pause(300);
    if (!actors_.stopping()) fill(own);
    if (!co_await send_all(own)) co_return;
    while (!own.in_flight.empty() && own.in_flight.front().code == kNone) own.in_flight.pop_front();
    gives_up = actors_.stopping() && world_.random().chance(0.05);
    world_.note(own.name + " next sequence " + std::to_string(own.sequence) + ", in flight " +
                std::to_string(own.in_flight.size()));
  }
}

/// Up to a number of batches that is new each time. The first batch goes alone: of a producer that
/// it does not know an agent takes any sequence, as Kafka does.
void KafkaActors::fill(Pipeline& own) {
  const bool is_known =
      own.sequence > 0 && (own.in_flight.empty() || own.in_flight.front().batch.sequence > 0);
  const std::uint64_t wanted = is_known ? 1 + world_.random().below(kInFlightMax) : 1;
  while (own.in_flight.size() < wanted) {
    Actors::Batch batch = actors_.fresh_batch();
    batch.partition = own.partition;
    batch.producer = own.producer;
    batch.sequence = own.sequence;
    own.sequence += static_cast<std::int32_t>(batch.records.size());
    promises_.produced += batch.records.size();
    own.in_flight.push_back({.batch = std::move(batch)});
  }
}

/// What is not acknowledged, at once and over connections of its own, so that one may overtake
/// another. False after an answer that a producer without fault must not get: only a batch whose
/// predecessor was on its way, too, may be out of order.
runtime::Task<bool> KafkaActors::send_all(Pipeline& own) {
  runtime::TaskGroup sending(world_.client());
  bool may_overtake = false;
  for (InFlight& one : own.in_flight) {
    one.may_overtake = std::exchange(may_overtake, one.code != kNone);
    if (one.code != kNone) sending.spawn(send_one(own.partition, one));
  }
  co_await sending.close();
  for (const InFlight& one : own.in_flight) {
    if (!one.code || !breaks_sequence(*one.code)) continue;
    if (one.code == kOutOfOrderSequenceNumber && one.may_overtake) continue;
    world_.violations().add(
        "W5", own.name + " was answered " + std::to_string(static_cast<int>(*one.code)));
    co_return false;
  }
  co_return true;
}

runtime::Task<void> KafkaActors::send_one(model::PartitionIndex partition, InFlight& one) {
  one.code.reset();
  const runtime::Duration patience = milliseconds(world_.random().between(50, 4'000));
  const Link leader = co_await leader_of(partition);
  if (!leader) co_return;
  one.code = (co_await send(*leader, one.batch, patience)).code;
  leader->hang_up();
}

}  // namespace streamhouse::sim
