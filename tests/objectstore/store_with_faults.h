#pragma once
/// \file  StoreWithFaults: a simulated process over a memory store behind faults, for the tests of
/// wrappers.

#include <gtest/gtest.h>

#include <chrono>
#include <string>

#include "objectstore/memory_object_store.h"
#include "objectstore/wrappers/fault_object_store.h"
#include "runtime/run_task.h"
#include "runtime/sim/sim_scheduler.h"

namespace streamhouse::objectstore {

class StoreWithFaults : public testing::Test {
 protected:
  template <class T>
  T wait(Task<T> task) {
    return runtime::run_task(agent_, std::move(task));
  }
  template <class T>
  static std::string outcome(const Result<T>& result) {
    return result ? "ok" : std::string(errc_name(result.error().code));
  }
  static Chunks text(const std::string& content) { return {Bytes(std::string(content))}; }

  runtime::SimScheduler scheduler_{{.seed = 11}};
  runtime::SimRuntime& world_ = scheduler_.add_runtime("world");
  runtime::SimRuntime& agent_ = scheduler_.add_runtime("agent");
  MemoryObjectStore memory_;
  StoreFaults faults_{world_, 5};
  FaultObjectStore faulty_{memory_, agent_, faults_};
};

}  // namespace streamhouse::objectstore
