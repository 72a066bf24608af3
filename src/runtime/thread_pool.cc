#include "runtime/thread_pool.h"

#include <pthread.h>

#include <utility>

#include "base/check.h"

namespace streamhouse::runtime {

ThreadPool::ThreadPool(Runtime& runtime, Options options)
    : runtime_(runtime), options_(std::move(options)) {
  SH_CHECK(options_.threads > 0, "a pool has a thread");
  for (std::size_t number = 0; number < options_.threads; ++number)
    threads_.emplace_back([this, number] { work_loop(number); });
}

ThreadPool::~ThreadPool() {
  {
    const MutexLock lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

bool ThreadPool::full() {
  const MutexLock lock(mutex_);
  return queue_.size() >= options_.queue_max;
}

void ThreadPool::submit(Work work) {
  {
    const MutexLock lock(mutex_);
    queue_.push_back(std::move(work));
  }
  wake_.notify_one();
}

void ThreadPool::work_loop(std::size_t number) {
  const std::string name = options_.name.substr(0, 12) + "-" + std::to_string(number);
  pthread_setname_np(pthread_self(), name.substr(0, 15).c_str());
  while (Work work = next_work()) work();
}

ThreadPool::Work ThreadPool::next_work() {
  const MutexLock lock(mutex_);
  while (queue_.empty() && !stopping_) wake_.wait(mutex_);
  if (queue_.empty()) return {};
  Work work = std::move(queue_.front());
  queue_.pop_front();
  return work;
}

}  // namespace streamhouse::runtime
