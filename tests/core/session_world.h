#pragma once
/// \file  SessionWorld: one open session of one agent on a simulated process, over the in-memory
/// database and an object store with faults, for tests of the core's components.

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "cluster/agent_session.h"
#include "metadata/memory/memory_metadata_store.h"
#include "objectstore/memory_object_store.h"
#include "objectstore/wrappers/fault_object_store.h"
#include "runtime/run_task.h"
#include "runtime/sim/sim_scheduler.h"
#include "tests/core/batches.h"

namespace streamhouse::core_testing {

using std::chrono::milliseconds;
using std::chrono::seconds;

/// What a coroutine that runs beside the test has come to.
template <class T>
using Pending = std::shared_ptr<std::optional<T>>;

class SessionWorld : public testing::Test {
 protected:
  void SetUp() override {
    const auto opened = wait(session_.open());
    ASSERT_TRUE(opened) << to_string(opened.error());
  }
  /// The process dies before the components that its coroutines use.
  void TearDown() override {
    agent_.crash();
    world_.crash();
  }

  template <class T>
  T wait(runtime::Task<T> task) {
    return runtime::run_task(agent_, std::move(task));
  }
  /// Starts `task`; run() it on and look at what is returned.
  template <class T>
  Pending<T> begin(runtime::Task<T> task) {
    auto pending = std::make_shared<std::optional<T>>();
    agent_.spawn(keep(std::move(task), pending));
    return pending;
  }
  void run(runtime::Duration duration) { scheduler_.run_for(duration); }

  template <class T>
  static std::string outcome(const base::Result<T>& result) {
    return result ? "ok" : std::string(base::errc_name(result.error().code));
  }
  template <class T>
  static std::string outcome(const Pending<base::Result<T>>& pending) {
    return *pending ? outcome(**pending) : "pending";
  }

  static model::TopicPartition key(std::int32_t index) {
    return {model::TopicNo(1), model::PartitionIndex(index)};
  }
  /// Creates topic 1 and leases all its partitions. Call once.
  std::vector<metadata::Partition> lease_topic(std::int32_t partition_count) {
    model::TopicId id;
    id.bytes[0] = 1;
    const auto topic =
        tables_.create_topic({.name = "orders", .id = id, .partition_count = partition_count});
    SH_CHECK(topic.has_value() && topic->no == model::TopicNo(1), "the first topic");
    std::vector<metadata::AcquireRequest> requests;
    for (std::int32_t i = 0; i < partition_count; ++i) {
      requests.push_back({.key = key(i), .since_seq = model::Seq(1)});
    }
    const auto answers = tables_.acquire_leases(session_.id(), requests);
    SH_CHECK(answers.has_value(), "leased");
    std::vector<metadata::Partition> rows;
    for (const auto& answer : *answers) rows.push_back(*answer);
    return rows;
  }

  runtime::SimScheduler scheduler_{{.seed = 7}};
  runtime::SimRuntime& world_ = scheduler_.add_runtime("world");
  runtime::SimRuntime& agent_ = scheduler_.add_runtime("agent");
  metadata::MemoryMetadata tables_{
      [this] { return std::chrono::duration_cast<milliseconds>(scheduler_.elapsed()).count(); },
      model::TopicId{}};
  metadata::MemoryMetadataStore metadata_{tables_};
  objectstore::MemoryObjectStore stored_;
  objectstore::StoreFaults faults_{world_, 5};
  objectstore::FaultObjectStore objects_{stored_, agent_, faults_};
  runtime::TaskGroup group_{agent_};
  cluster::AgentSession session_{{agent_, metadata_, objects_},
                                 {.agent_id = "agent-1",
                                  .address = "127.0.0.1:9090",
                                  .metadata = {{"kafka_address", "127.0.0.1:9092"}}},
                                 {},
                                 group_};

 private:
  template <class T>
  static runtime::Task<void> keep(runtime::Task<T> task, Pending<T> pending) {
    pending->emplace(co_await std::move(task));
  }
};

}  // namespace streamhouse::core_testing
