#pragma once
/// \file  ProduceService: append one batch to a topic, whatever protocol it came by.

#include "cluster/catalog/leader_directory.h"
#include "cluster/catalog/topic_catalog.h"
#include "runtime/blocking_pool.h"
#include "service/session_scope.h"

namespace streamhouse::service {

/// What to do when accepted bytes are at their cap: unary calls are refused, streams wait (and are
/// not read meanwhile).
enum class WhenFull : std::uint8_t { kRefuse, kWait };

struct ProduceCall {
  std::string topic;
  std::optional<model::PartitionIndex> partition;  ///< nullopt: by the key's hash, or in turn.
  std::optional<std::uint32_t> key_hash;           ///< model::murmur2 of the key, if there is one.
  /// One batch that has passed model::validate_produced or was built here, alone in its buffer.
  ingest::ProducedBatch batch;
  WhenFull when_full = WhenFull::kRefuse;
  /// If set, any other session of this agent answers kNotLeader: batches on their way at once must
  /// not overtake each other across sessions.
  std::optional<model::SessionId> only_session = {};
  /// If set, another topic of that name is none (kTopicNotFound).
  std::optional<model::TopicId> topic_id = {};
  /// nullopt: the produce timeout from now on.
  std::optional<runtime::MonoTime> deadline = {};
};

struct Produced {
  model::PartitionIndex partition;
  model::Offset
      base_offset;  ///< -1 if the topic's acknowledgements are buffered: it may still change.
  std::int64_t timestamp = -1;  ///< Of the leader's clock, ms, if the topic uses log append time.
  model::Offset log_start;
};

/// A batch that has its offsets and waits to be committed.
struct AcceptedProduce {
  Produced produced;
  /// Unset where the topic's acknowledgements are buffered: `produced` is the answer already.
  std::optional<ingest::Appended> pending;
  std::shared_ptr<SessionScope> scope;
  runtime::MonoTime deadline;
};

/// Threading: the core's executor.
class ProduceService {
 public:
  /// `compressors` is where batches are compressed anew, nullptr: on the executor.
  ProduceService(runtime::Runtime& runtime, ingest::BufferBudget& budget,
                 cluster::TopicCatalog& topics, CurrentScope& scope, runtime::Duration timeout,
                 cluster::LeaderDirectory* leaders = nullptr,
                 runtime::BlockingPool* compressors = nullptr)
      : runtime_(runtime),
        budget_(budget),
        topics_(topics),
        scope_(scope),
        timeout_(timeout),
        leaders_(leaders),
        compressors_(compressors) {}

  /// Returns when the batch is durable in the object store and committed in the metadata store; or,
  /// where the topic says `streamhouse.ack=buffered` and the batch is not idempotent, when it is in
  /// memory. Errors, definite: kTopicNotFound, kPartitionNotFound, kNotLeader, kThrottled,
  /// kTooLarge, kUnavailable, kOutOfOrderSequence, kProducerFenced, kInvalid for records that
  /// do not decompress where the topic asks for another codec. kUnknownOutcome after the produce
  /// timeout.
  runtime::Task<base::Result<Produced>> produce(ProduceCall call);

  /// produce() in two halves, for callers with several batches on the way. Batches of a partition
  /// get their offsets in the order in which accept() returns; a caller who awaits each before the
  /// next keeps its own order. Errors: the definite ones of produce().
  runtime::Task<base::Result<AcceptedProduce>> accept(ProduceCall call);
  runtime::Task<base::Result<Produced>> committed(AcceptedProduce accepted);

  /// The produce timeout from now on, for a request of several batches.
  runtime::MonoTime next_deadline() const { return runtime_.now() + timeout_; }

  /// Changes the partition that the next keyless record without a partition goes to.
  model::PartitionIndex next_in_turn(const metadata::Topic& topic);

 private:
  base::Result<model::PartitionIndex> choose_partition(const metadata::Topic& topic,
                                                       const ProduceCall& call);
  runtime::Task<base::Result<ingest::ProducedBatch>> as_stored(cluster::TopicPtr topic,
                                                               ingest::ProducedBatch batch);
  base::Status reserve_anew(std::size_t before, std::size_t now);
  base::Error throttled() const;
  runtime::Task<base::Status> wait_for_room(std::size_t bytes, WhenFull when_full,
                                            runtime::MonoTime deadline);
  base::Result<std::shared_ptr<SessionScope>> scope_for(const ProduceCall& call) const;
  runtime::Task<base::Result<ingest::Appended>> append_confirmed(
      std::shared_ptr<SessionScope> scope, model::TopicPartition key, ingest::ProducedBatch batch);
  runtime::Task<base::Result<AcceptedProduce>> append(cluster::TopicPtr topic, ProduceCall call,
                                                      runtime::MonoTime deadline);

  runtime::Runtime& runtime_;
  ingest::BufferBudget& budget_;
  cluster::TopicCatalog& topics_;
  CurrentScope& scope_;
  runtime::Duration timeout_;
  cluster::LeaderDirectory* leaders_;
  runtime::BlockingPool* compressors_;
  std::map<model::TopicNo, std::int32_t> turns_;
};

}  // namespace streamhouse::service
