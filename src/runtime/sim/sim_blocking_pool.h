#pragma once
/// \file  SimBlockingPool: the BlockingPool of a simulated process. A function runs as one step of
/// the scheduler, at a random later time.

#include <cstddef>
#include <deque>
#include <memory>
#include <vector>

#include "runtime/blocking_pool.h"
#include "runtime/sim/sim_runtime.h"

namespace streamhouse::runtime {

/// With one worker, functions run in the order of the calls; with more, in any. If the process
/// crashes, what has not run never runs; a function that itself makes the process crash (see
/// SimRuntime::crash) runs to its end, unheard. The pool's end runs what is queued, as ThreadPool's
/// does.
class SimBlockingPool final : public BlockingPool {
 public:
  struct Options {
    std::size_t workers = 1;
    std::size_t queue_max = 4096;
    Duration duration_min = std::chrono::microseconds(10);
    Duration duration_max = std::chrono::milliseconds(2);
  };

  SimBlockingPool(SimRuntime& runtime, Options options);
  ~SimBlockingPool() override;
  SimBlockingPool(const SimBlockingPool&) = delete;
  SimBlockingPool& operator=(const SimBlockingPool&) = delete;

 private:
  /// Outlives the pool while timers name it.
  struct Queue {
    std::deque<Work> waiting;
  };

  Runtime& runtime() override { return runtime_; }
  bool full() override { return queue_->waiting.size() >= options_.queue_max; }
  void submit(Work work) override;
  static void run_one(Queue& queue, std::size_t workers, Random& random);

  SimRuntime& runtime_;
  const Options options_;
  std::vector<MonoTime> free_at_;  ///< By worker.
  std::shared_ptr<Queue> queue_;
};

}  // namespace streamhouse::runtime
