#pragma once
/// \file  Producer: one client that sends numbered records and notes what it was told of each.

#include <atomic>
#include <utility>

#include "runtime/random.h"
#include "tests/e2e/client/load.h"

namespace streamhouse::e2e {

/// What the producers of a load share.
struct LoadState {
  std::vector<TestTopic> topics;
  LoadShape shape;
  std::atomic<bool> stopping = false;
  std::atomic<std::uint64_t> acknowledged = 0;  ///< Records.
};

/// Threading: run() on one thread; the rest when it has returned.
class Producer {
 public:
  Producer(LoadState& load, std::uint64_t id, std::uint64_t seed)
      : load_(load), random_(seed), next_number_(first_number_of(id)) {}
  virtual ~Producer() = default;
  Producer(const Producer&) = delete;
  Producer& operator=(const Producer&) = delete;

  /// Sends until the load stops or the agent is gone.
  virtual void run(Client& client) = 0;
  std::vector<Attempt> take_attempts() { return std::exchange(attempts_, {}); }

 protected:
  /// Records for one partition, as attempts whose fate is unknown.
  std::vector<Attempt> next_batch(std::size_t records_max, v1::ProduceBatchRequest& request);
  /// Notes what became of a batch. `base_offset` is -1 where it was acknowledged buffered.
  void note_acknowledged(std::vector<Attempt> batch, std::int64_t base_offset);
  /// By the error's code, which is empty where the agent did not answer. Returns whether to go on.
  bool note_error(std::vector<Attempt> batch, const std::string& code);

  bool stopping() const { return load_.stopping; }

  LoadState& load_;
  runtime::Random random_;

 private:
  std::uint64_t next_number_;
  std::vector<Attempt> attempts_;
};

using MakeProducer = std::unique_ptr<Producer>(LoadState& load, std::uint64_t id,
                                               std::uint64_t seed);
MakeProducer unary_producer;
MakeProducer batch_producer;
MakeProducer stream_producer;

}  // namespace streamhouse::e2e
