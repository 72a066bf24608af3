#pragma once
/// \file  WorkerThread: a thread for an adapter whose library brings a loop of its own.

#include <functional>
#include <string>
#include <thread>

namespace streamhouse::runtime {

/// Runs `work` on a thread of its own. The destructor waits for its end, so tell it to end first.
class WorkerThread {
 public:
  /// `name` as debuggers show it, at most 15 characters. `work` must not throw.
  WorkerThread(const std::string& name, std::move_only_function<void()> work);
  ~WorkerThread();
  WorkerThread(const WorkerThread&) = delete;
  WorkerThread& operator=(const WorkerThread&) = delete;

 private:
  std::thread thread_;
};

}  // namespace streamhouse::runtime
