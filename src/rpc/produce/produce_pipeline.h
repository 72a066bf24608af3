#pragma once
/// \file  ProducePipeline: the core's side of a ProduceStream. Reads on only while there is room,
/// so that a client who sends faster than batches become durable is slowed down.

#include <deque>
#include <map>
#include <memory>
#include <set>

#include "rpc/core_bridge.h"
#include "rpc/records/produce_message.h"

namespace streamhouse::rpc {

/// A batch of a stream as it arrived, built already or found wanting.
struct ArrivedBatch {
  std::int64_t sequence = 0;
  base::Result<ProduceMessage> message;
  MemoryBudget::Share memory;
};

/// Where the pipeline's answers and wishes go: gRPC's reactor.
class PipelineTransport {
 public:
  virtual ~PipelineTransport() = default;
  /// The next message may come: arrive() or end_of_input() follows.
  virtual void read() = 0;
  /// Sends one answer: written() follows.
  virtual void write(grpc::ByteBuffer answer) = 0;
  /// Ends the stream. Nothing may be asked of the transport after this.
  virtual void finish(const base::Status& outcome) = 0;
};

/// Lifetime:  shared by its coroutines and gRPC's reactor.
/// Threading: the core's executor.
class ProducePipeline final : public OpenStream,
                              public std::enable_shared_from_this<ProducePipeline> {
 public:
  ProducePipeline(CoreBridge& bridge, MemoryBudget::Share memory, PipelineTransport& transport);

  void start();
  void arrive(ArrivedBatch batch);
  /// No batch comes any more; the stream ends with `outcome` when all are answered.
  void end_of_input(base::Status outcome);
  void written(bool ok);
  /// The client is gone.
  void cancel();
  void drain() override;

 private:
  struct Answer {
    std::int64_t sequence = 0;
    std::optional<base::Result<model::Offset>> outcome;  ///< Unset while it is on its way.
  };
  using AnswerPtr = std::shared_ptr<Answer>;
  using Target = std::pair<std::string, std::int32_t>;  ///< Topic and partition.
  struct OnTheWay {
    AnswerPtr answer;
    Target target;
    service::AcceptedProduce batch;
    std::int32_t records = 0;
    std::size_t bytes = 0;
    runtime::MonoTime began;
  };
  struct Session {
    model::SessionId id;
    std::size_t batches = 0;  ///< On their way in it.
  };

  base::Status check(const ArrivedBatch& arrived, const Target& target) const;
  std::optional<model::SessionId> session_of(const Target& target) const;
  // `self` keeps the pipeline from the moment that the task is made: it runs later, and the call
  // may be over by then.
  runtime::Task<void> accept_arrived(std::shared_ptr<ProducePipeline> self);
  runtime::Task<void> accept_one(ArrivedBatch arrived);
  runtime::Task<void> await_commit(std::shared_ptr<ProducePipeline> self, OnTheWay batch);
  void settle(Answer& answer, const Target& target, base::Result<model::Offset> outcome);
  void read_on();
  void write_on();
  void end_if_done();
  void finish(const base::Status& outcome);

  CoreBridge& bridge_;
  MemoryBudget::Share memory_;
  PipelineTransport* transport_;  ///< Null once the stream has ended.
  std::deque<ArrivedBatch> arrived_;
  std::deque<AnswerPtr> answers_;     ///< In the order of the batches; the front is sent next.
  std::optional<Services> services_;  ///< Also for what is on its way when the agent stops.
  std::map<Target, Session> sessions_;
  std::set<Target> lost_;  ///< Led elsewhere now: what follows must not overtake what failed.
  std::optional<base::Status> ended_;
  bool accepting_ = false;
  bool reading_ = false;
  bool writing_ = false;
};

}  // namespace streamhouse::rpc
