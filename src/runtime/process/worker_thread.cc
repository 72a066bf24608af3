#include "runtime/process/worker_thread.h"

#include <pthread.h>

#include <utility>

namespace streamhouse::runtime {

WorkerThread::WorkerThread(const std::string& name, std::move_only_function<void()> work)
    : thread_([name = name.substr(0, 15), work = std::move(work)]() mutable {
        pthread_setname_np(pthread_self(), name.c_str());
        work();
      }) {}

WorkerThread::~WorkerThread() { thread_.join(); }

}  // namespace streamhouse::runtime
