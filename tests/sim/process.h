#pragma once
/// \file  Process: one life of a simulated agent: its runtime, its ways to the stores, and the real
/// AgentCore.

#include <functional>
#include <memory>

#include "agent/agent_core.h"
#include "blockcache/checked_object_reader.h"
#include "kafka_clients/kafka_agent.h"
#include "objectstore/wrappers/fault_object_store.h"
#include "objectstore/wrappers/latency_object_store.h"
#include "runtime/sim/sim_runtime.h"
#include "sim_metadata.h"

namespace streamhouse::sim {

/// A store that now and then will never take an object: what makes a session give up on a seq (P9).
/// Removals are shown to the truth as they begin.
class RefusingObjectStore final : public objectstore::ObjectStore {
 public:
  RefusingObjectStore(objectstore::ObjectStore& inner, Database& database)
      : inner_(inner), database_(database) {}

  runtime::Task<base::Status> put(objectstore::ObjectKey key, objectstore::Chunks content) override;
  runtime::Task<base::Result<base::Bytes>> get(objectstore::ObjectKey key,
                                               base::ByteRange range) override {
    return inner_.get(std::move(key), range);
  }
  runtime::Task<base::Result<objectstore::ObjectInfo>> head(objectstore::ObjectKey key) override {
    return inner_.head(std::move(key));
  }
  runtime::Task<base::Result<objectstore::ObjectPage>> list(std::string prefix,
                                                            objectstore::ObjectKey start_after,
                                                            std::size_t limit) override {
    return inner_.list(std::move(prefix), std::move(start_after), limit);
  }
  runtime::Task<base::Status> remove(objectstore::ObjectKey key) override;

 private:
  objectstore::ObjectStore& inner_;
  Database& database_;
};

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
  KafkaAgent& kafka() { return kafka_; }
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
  RefusingObjectStore refusing_;
  objectstore::LatencyObjectStore slow_;
  blockcache::CheckedObjectReader blocks_;
  agent::AgentCore core_;
  KafkaAgent kafka_;
  std::optional<base::Status> ended_;
};

}  // namespace streamhouse::sim
