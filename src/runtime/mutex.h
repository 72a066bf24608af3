#pragma once
/// \file  A mutex that clang's thread-safety analysis understands (std::mutex of libstdc++ is not
/// annotated): members it guards are marked __attribute__((guarded_by(mutex_))).

#include <mutex>

namespace streamhouse::runtime {

class [[clang::capability("mutex")]] Mutex {
 public:
  void lock() __attribute__((acquire_capability())) { mutex_.lock(); }
  void unlock() __attribute__((release_capability())) { mutex_.unlock(); }

 private:
  std::mutex mutex_;
};

/// Holds a Mutex for a scope.
class [[clang::scoped_lockable]] MutexLock {
 public:
  explicit MutexLock(Mutex& mutex) __attribute__((acquire_capability(mutex))) : mutex_(mutex) {
    mutex_.lock();
  }
  ~MutexLock() __attribute__((release_capability())) { mutex_.unlock(); }
  MutexLock(const MutexLock&) = delete;
  MutexLock& operator=(const MutexLock&) = delete;

 private:
  Mutex& mutex_;
};

}  // namespace streamhouse::runtime
