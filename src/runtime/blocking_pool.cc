#include "runtime/blocking_pool.h"

#include "runtime/one_shot.h"

namespace streamhouse::runtime {

Task<void> BlockingPool::run_work(Work work) {
  const OneShot<bool> done(runtime());
  submit([this, done, work = std::move(work)]() mutable {
    work();
    runtime().post([done] { done.set(true); });
  });
  co_await done.wait();
}

}  // namespace streamhouse::runtime
