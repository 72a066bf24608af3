#include <algorithm>
#include <chrono>

#include "actors.h"
#include "base/endian.h"
#include "checker/produce_outcome.h"
#include "model/record_batch_builder.h"

namespace streamhouse::sim {
namespace {

using base::Errc;

}  // namespace

base::ByteVector encode_batch(const Actors::Batch& batch, std::size_t padding) {
  model::BatchHeaderFields fields;
  if (batch.producer != model::kNoProducer) {
    fields = {.producer = batch.producer,
              .producer_epoch = model::ProducerEpoch(0),
              .base_sequence = batch.sequence};
  }
  model::RecordBatchBuilder builder(fields);
  for (const RecordId id : batch.records) {
    base::ByteVector value(sizeof(RecordId) + padding, 'x');
    base::store_little(value.data(), id);
    const base::Status added = builder.append(
        {.timestamp = 1'000 + static_cast<std::int64_t>(id), .value = base::BytesView(value)});
    SH_CHECK(added.has_value(), "a small record fits");
  }
  return *std::move(builder).build(model::Codec::kNone);
}

void Actors::start(runtime::Task<void> actor) {
  ++running_;
  world_.client().spawn(run(std::move(actor)));
}

runtime::Task<void> Actors::run(runtime::Task<void> actor) {
  co_await std::move(actor);
  --running_;
}

std::string Actors::any_topic() {
  if (promises_.topics.empty()) return "none";
  return promises_.topics[world_.random().below(promises_.topics.size())];
}

model::PartitionIndex Actors::any_partition() {
  return model::PartitionIndex(static_cast<std::int32_t>(
      world_.random().below(static_cast<std::uint64_t>(world_.scenario().partitions))));
}

std::optional<model::TopicPartition> Actors::key_of(const std::string& topic,
                                                    model::PartitionIndex partition) const {
  for (const auto& [no, row] : world_.database().tables().topics) {
    if (row.name == topic && row.state == metadata::TopicState::kLive) {
      return model::TopicPartition{no, partition};
    }
  }
  return std::nullopt;
}

Actors::Batch Actors::fresh_batch() {
  Batch batch{.topic = any_topic(), .partition = any_partition()};
  const std::uint64_t count = 1 + world_.random().below(4);
  for (std::uint64_t i = 0; i < count; ++i) batch.records.push_back(promises_.next_record++);
  return batch;
}

void Actors::acknowledged(model::TopicPartition key, model::Offset base,
                          const std::vector<RecordId>& records) {
  world_.truth().acknowledged(key, base, records);
  for (std::size_t i = 0; i < records.size(); ++i)
    promises_.acked.push_back({key, base + static_cast<std::int64_t>(i), records[i]});
}

runtime::Task<base::Result<service::Produced>> Actors::send(Batch batch,
                                                            runtime::Duration timeout) {
  const auto bytes =
      std::make_shared<const base::ByteVector>(encode_batch(batch, world_.random().below(200)));
  const auto before = key_of(batch.topic, batch.partition);
  const CoreCall<service::Produced> call = [bytes, batch](agent::AgentCore& core) {
    const auto copy = std::make_shared<base::ByteVector>(*bytes);  // each attempt has its own
    return core.produce().produce({.topic = batch.topic,
                                   .partition = batch.partition,
                                   .batch = {copy, base::MutableBytesView(*copy)}});
  };
  auto answer = co_await world_.ask<service::Produced>(call, timeout);
  const auto after = key_of(batch.topic, batch.partition);
  const bool same_topic = before && before == after;
  if (answer && same_topic && answer->base_offset >= model::Offset(0))
    acknowledged(*before, answer->base_offset, batch.records);
  const bool buffered = batch.topic == "buffered" && batch.producer == model::kNoProducer;
  const AckMode mode = buffered ? AckMode::kBuffered : AckMode::kDurable;
  const bool tells_of_loss =
      world_.has_lost_commits() && !answer && answer.error().code == Errc::kRegressed;
  if (!produce_outcome(answer, mode) && !tells_of_loss) {
    world_.violations().add("W6", "record " + std::to_string(batch.records.front()) + " in " +
                                      batch.topic + " was answered " +
                                      (answer ? std::to_string(answer->base_offset.value())
                                              : to_string(answer.error())));
  }
  co_return answer;
}

runtime::Task<void> Actors::produce(int number) {
  while (!stopping_) {
    co_await world_.client().sleep(runtime::Duration(world_.random().between(0, 400'000'000)));
    Batch batch = fresh_batch();
    const std::vector<RecordId> records = batch.records;
    const auto key = key_of(batch.topic, batch.partition);
    promises_.produced += records.size();
    const auto answer = co_await send(std::move(batch), std::chrono::seconds(15));
    world_.note("producer " + std::to_string(number) + " record " +
                std::to_string(records.front()) +
                (answer ? " at " + std::to_string(answer->base_offset.value())
                        : " " + std::string(base::errc_name(answer.error().code))));
    const bool refused =
        produce_outcome(answer, AckMode::kDurable) == ProduceOutcome::kDefinitelyNot;
    if (!refused || !key) continue;
    for (const RecordId record : records) promises_.refused.emplace(record, *key);
  }
}

runtime::Task<void> Actors::produce_idempotent(int number) {
  const model::ProducerId producer(1'000 + number);
  const std::string topic = "fixed";  // never deleted, so that its sequence never starts again
  const model::PartitionIndex partition = any_partition();
  std::int32_t sequence = 0;
  while (!stopping_) {
    co_await world_.client().sleep(runtime::Duration(world_.random().between(0, 300'000'000)));
    Batch batch = fresh_batch();
    batch.topic = topic;
    batch.partition = partition;
    batch.producer = producer;
    batch.sequence = sequence;
    promises_.produced += batch.records.size();
    while (true) {
      const runtime::Duration patience(world_.random().between(50'000'000, 4'000'000'000));
      const auto answer = co_await send(batch, patience);
      if (answer) break;
      if (answer.error().code == Errc::kOutOfOrderSequence ||
          answer.error().code == Errc::kProducerFenced) {
        world_.violations().add(
            "W5", "producer " + std::to_string(number) + ": " + to_string(answer.error()));
        co_return;
      }
      if (stopping_ && world_.random().chance(0.05)) co_return;
      co_await world_.client().sleep(runtime::Duration(world_.random().between(0, 200'000'000)));
    }
    world_.note("idempotent " + std::to_string(number) + " sequence " + std::to_string(sequence));
    sequence += static_cast<std::int32_t>(batch.records.size());
  }
}

}  // namespace streamhouse::sim
