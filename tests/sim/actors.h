#pragma once
/// \file  Actors: the clients of a simulated run. Each is a coroutine on the client's runtime that
/// goes on until it is told to stop, and records what it was promised.

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "world.h"

namespace streamhouse::sim {

/// What the clients agree on: which topics there are now and what was promised.
struct Promises {
  std::vector<std::string> topics;
  std::map<RecordId, model::TopicPartition>
      refused;  ///< Answered with a definite error: must never appear (W3).
  struct Acked {
    model::TopicPartition key;
    model::Offset offset;
    RecordId record;
  };
  std::vector<Acked> acked;
  std::uint64_t produced = 0;
  std::uint64_t read = 0;
  std::uint64_t group_commits = 0;
  RecordId next_record = 1;
};

/// GroupService::commit as a call with a value.
runtime::Task<base::Result<bool>> commit_call(agent::AgentCore& core, std::string group,
                                              std::vector<service::TopicOffset> offsets);

class Actors {
 public:
  Actors(World& world, Promises& promises) : world_(world), promises_(promises) {}

  /// Sends batches of fresh records and never repeats one.
  runtime::Task<void> produce(int number);
  /// An idempotent producer of one partition: repeats each batch until it knows.
  runtime::Task<void> produce_idempotent(int number);
  /// Reads a partition from its log start on, again and again (L1, R1, R2, P14).
  runtime::Task<void> read(int number);
  /// Commits rising offsets for a group of its own and asks for them (G2, G3).
  runtime::Task<void> commit_offsets(int number);
  /// Deletes and creates topics, deletes records, releases partitions, as the scenario says.
  runtime::Task<void> administer();
  /// Crashes, restarts, pauses and jumps of clocks, as the scenario says.
  runtime::Task<void> trouble();

  void stop() { stopping_ = true; }
  bool stopping() const { return stopping_; }
  std::size_t running() const { return running_; }
  /// Starts an actor and counts it until it ends.
  void start(runtime::Task<void> actor);

  /// One produce of `records` fresh or given records; the answer is checked and remembered.
  struct Batch {
    std::string topic;
    model::PartitionIndex partition;
    std::vector<RecordId> records;
    model::ProducerId producer = model::kNoProducer;
    std::int32_t sequence = -1;
  };
  runtime::Task<base::Result<service::Produced>> send(Batch batch, runtime::Duration timeout);
  Batch fresh_batch();
  /// What a reader that asked for `offset` was given: the offset to go on from, nullopt if it is no
  /// batch (R2, R3, R5, L1).
  std::optional<model::Offset> check_read(model::TopicPartition key, model::Offset offset,
                                          base::BytesView bytes);
  /// An acknowledgement reached its producer.
  void acknowledged(model::TopicPartition key, model::Offset base,
                    const std::vector<RecordId>& records);
  /// Of the live topic of that name.
  std::optional<model::TopicPartition> key_of(const std::string& topic,
                                              model::PartitionIndex partition) const;
  model::PartitionIndex any_partition();

 private:
  runtime::Task<void> run(runtime::Task<void> actor);
  runtime::Task<void> read_once(std::string topic, model::PartitionIndex partition);
  runtime::Task<void> churn_topics();
  runtime::Task<void> delete_some_records();
  runtime::Task<void> release_some();
  runtime::Task<void> crash_and_restart(int agent);
  runtime::Task<void> pause_and_replace(int agent);
  std::string any_topic();

  World& world_;
  Promises& promises_;
  bool stopping_ = false;
  std::size_t running_ = 0;
};

base::ByteVector encode_batch(const Actors::Batch& batch, std::size_t padding);

}  // namespace streamhouse::sim
