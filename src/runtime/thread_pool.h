#pragma once
/// \file  ThreadPool: the BlockingPool of a real process.

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <string>
#include <thread>
#include <vector>

#include "runtime/blocking_pool.h"
#include "runtime/mutex.h"

namespace streamhouse::runtime {

/// Lifetime:  ends before its runtime. Its destructor runs what was queued, then joins.
class ThreadPool final : public BlockingPool {
 public:
  struct Options {
    std::string name;  ///< Of its threads, as debuggers show it; at most 12 characters.
    std::size_t threads = 1;
    std::size_t queue_max = 4096;  ///< Calls that wait for a worker; beyond that run() refuses.
  };

  ThreadPool(Runtime& runtime, Options options);
  ~ThreadPool() override;
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

 private:
  Runtime& runtime() override { return runtime_; }
  bool full() override;
  void submit(Work work) override;
  void work_loop(std::size_t number);
  Work next_work();

  Runtime& runtime_;
  const Options options_;
  Mutex mutex_;
  std::condition_variable_any wake_;
  std::deque<Work> queue_ __attribute__((guarded_by(mutex_)));
  bool stopping_ __attribute__((guarded_by(mutex_))) = false;
  std::vector<std::thread> threads_;
};

}  // namespace streamhouse::runtime
