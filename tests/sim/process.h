#pragma once
/// \file  Process: one life of a simulated agent: its runtime, its ways to the stores, and the real
/// AgentCore.

#include <functional>
#include <memory>

#include "agent/agent_core.h"
#include "blockcache/checked_object_reader.h"
#include "objectstore/wrappers/fault_object_store.h"
#include "objectstore/wrappers/latency_object_store.h"
#include "runtime/sim/sim_runtime.h"
#include "sim_metadata.h"

namespace streamhouse::sim {

/// Lifetime:  kept until the run ends, also when it has crashed.
class Process {
 public:
  struct Ports {
    runtime::SimRuntime& runtime;
    Database& database;
    objectstore::ObjectStore& store;  ///< Of this process, or shared by all.
    objectstore::StoreFaults& store_faults;
    objectstore::Latency latency;
  };
  Process(Ports ports, agent::CoreConfig config);

  runtime::SimRuntime& runtime() { return runtime_; }
  agent::AgentCore& core() { return core_; }
  const std::string& agent_id() const { return agent_id_; }
  /// It runs and has not ended by itself.
  bool is_up() const { return runtime_.alive() && !ended_; }
  const std::optional<base::Status>& ended() const { return ended_; }
  void crash() { runtime_.crash(); }

 private:
  runtime::Task<void> run();

  runtime::SimRuntime& runtime_;
  std::string agent_id_;
  SimMetadata metadata_;
  objectstore::FaultObjectStore faulty_;
  objectstore::LatencyObjectStore slow_;
  blockcache::CheckedObjectReader blocks_;
  agent::AgentCore core_;
  std::optional<base::Status> ended_;
};

}  // namespace streamhouse::sim
