#pragma once
/// \file  KafkaActors: clients of a simulated run that speak Kafka's protocol.

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "actors.h"
#include "checker/kafka_group.h"
#include "kafka_client.h"

namespace streamhouse::sim {

/// Their topic is `fixed`, which is never deleted. Each is a coroutine as those of Actors, started
/// and stopped with them.
class KafkaActors {
 public:
  KafkaActors(World& world, Promises& promises, Actors& actors)
      : world_(world), promises_(promises), actors_(actors), group_(world.violations()) {}

  /// Starts as many of each as the scenario says.
  void start();

 private:
  using Link = std::unique_ptr<KafkaClient>;
  /// What came of one produce. Without a code nothing is known.
  struct Produced {
    std::optional<wire::ErrorCode> code;
    model::Offset base;
  };
  struct InFlight {
    Actors::Batch batch;
    std::optional<wire::ErrorCode> code = {};  ///< The last answer, if there was one.
    bool may_overtake = false;                 ///< The one before it was sent at the same time.
  };
  /// An idempotent producer.
  struct Pipeline {
    std::string name;
    model::PartitionIndex partition;
    model::ProducerId producer;
    std::int32_t sequence = 0;            ///< Of its next batch.
    std::deque<InFlight> in_flight = {};  ///< From the oldest that is not acknowledged on.
  };
  /// A consumer of the group, as it sees itself.
  struct Member {
    int number;
    Link coordinator = {};
    std::string id = {};
    std::int32_t generation = -1;
    std::vector<std::string> all = {};  ///< Of the generation, if it is the leader.
    std::map<std::int32_t, model::Offset> positions = {};
  };
  enum class Next : std::uint8_t { kGoOn, kJoinAgain };

  // kafka_producers.cc
  /// Never repeats a batch (W3).
  runtime::Task<void> produce(int number);
  /// Walks a partition from its log start on, again and again (L1, R1, R2).
  runtime::Task<void> read(int number);
  runtime::Task<Produced> send(KafkaClient& leader, Actors::Batch batch, runtime::Duration timeout);
  /// The leader of a partition, as some agent has it; none if nobody can say.
  runtime::Task<Link> leader_of(model::PartitionIndex partition);
  /// One fetch. The offset to go on from; `offset` if there is nothing, or no answer.
  runtime::Task<model::Offset> fetch(KafkaClient& leader, model::PartitionIndex partition,
                                     model::Offset offset);

  // kafka_idempotence.cc
  /// Has some batches on their way and repeats each until it knows (W5, L6).
  runtime::Task<void> produce_idempotent(int number);
  runtime::Task<model::ProducerId> new_producer_id();
  void fill(Pipeline& own);
  runtime::Task<bool> send_all(Pipeline& own);
  runtime::Task<void> send_one(model::PartitionIndex partition, InFlight& one);

  // kafka_group_members.cc
  /// Joins, consumes what it is assigned, commits, leaves or goes silent, and joins again.
  runtime::Task<void> consume(int number);
  runtime::Task<void> find_coordinator(Member& self);
  runtime::Task<Next> join(Member& self);
  runtime::Task<Next> sync(Member& self);
  runtime::Task<Next> load_positions(Member& self);
  runtime::Task<Next> consume_round(Member& self);
  runtime::Task<Next> commit(Member& self);
  runtime::Task<Next> heartbeat(Member& self);
  runtime::Task<void> leave(Member& self);
  /// What a member does about an answer; false if it goes on.
  bool must_join_again(Member& self, wire::ErrorCode code);

  runtime::Task<void> pause(std::int64_t ms_max);
  /// A process that answers at this address; nullptr if there is none.
  Process* process_at(std::string_view host);
  Process* any_process();
  model::TopicPartition key_of(model::PartitionIndex partition);

  World& world_;
  Promises& promises_;
  Actors& actors_;
  KafkaGroup group_;
};

}  // namespace streamhouse::sim
