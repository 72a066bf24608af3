#include "runtime/sim/sim_blocking_pool.h"

#include <algorithm>
#include <utility>

#include "base/check.h"

namespace streamhouse::runtime {

SimBlockingPool::SimBlockingPool(SimRuntime& runtime, Options options)
    : runtime_(runtime),
      options_(options),
      free_at_(options.workers),
      queue_(std::make_shared<Queue>()) {
  SH_CHECK(options.workers > 0, "a pool has a worker");
}

SimBlockingPool::~SimBlockingPool() {
  while (runtime_.alive() && !queue_->waiting.empty()) run_one(*queue_, 1, runtime_.random());
  queue_->waiting.clear();
}

void SimBlockingPool::submit(Work work) {
  const auto worker = std::min_element(free_at_.begin(), free_at_.end());
  const Duration duration(
      runtime_.random().between(options_.duration_min.count(), options_.duration_max.count()));
  *worker = std::max(*worker, runtime_.now()) + duration;
  queue_->waiting.push_back(std::move(work));
  runtime_.schedule(*worker, [&random = runtime_.random(), workers = free_at_.size(),
                              queue = queue_] { run_one(*queue, workers, random); });
}

void SimBlockingPool::run_one(Queue& queue, std::size_t workers, Random& random) {
  auto& waiting = queue.waiting;
  if (waiting.empty()) return;  // the pool's end ran it
  const std::size_t started = std::min(workers, waiting.size());
  std::swap(waiting.front(), waiting[started == 1 ? 0 : random.below(started)]);
  Work work = std::move(waiting.front());
  waiting.pop_front();
  work();
}

}  // namespace streamhouse::runtime
