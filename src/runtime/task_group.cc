#include "runtime/task_group.h"

#include <utility>

#include "base/check.h"

namespace streamhouse::runtime {

TaskGroup::TaskGroup(Runtime& runtime) : runtime_(runtime), stop_signal_(runtime), idle_(runtime) {}

void TaskGroup::spawn(Task<void> task) {
  SH_CHECK(!closed_, "no task joins a closed group");
  ++running_;
  runtime_.spawn(run_one(std::move(task)));
}

Task<void> TaskGroup::run_one(Task<void> task) {
  co_await std::move(task);
  if (--running_ == 0) idle_.notify_all();
}

void TaskGroup::stop() {
  stopping_ = true;
  stop_signal_.notify_all();
}

Task<bool> TaskGroup::sleep_until_stop(Duration duration) {
  if (!stopping_) {
    const MonoTime deadline = runtime_.now() + duration;
    co_await stop_signal_.wait_until(deadline);
  }
  co_return stopping_;
}

Task<void> TaskGroup::close() {
  stop();
  while (running_ > 0) co_await idle_.wait();
  closed_ = true;
}

}  // namespace streamhouse::runtime
