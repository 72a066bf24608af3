#pragma once
/// \file  ClusterWorld: processes of several agents over one in-memory database and object store,
/// each with faults of its own on the way there, for tests of sessions, leases and take-over.

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "cluster/agent_session.h"
#include "metadata/memory/memory_metadata_store.h"
#include "metadata/wrappers/fault_metadata_store.h"
#include "objectstore/memory_object_store.h"
#include "objectstore/wrappers/fault_object_store.h"
#include "runtime/run_task.h"
#include "runtime/sim/sim_scheduler.h"

namespace streamhouse::core_testing {

using std::chrono::milliseconds;
using std::chrono::seconds;

/// What a coroutine that runs beside the test has come to.
template <class T>
using Pending = std::shared_ptr<std::optional<T>>;

class ClusterWorld : public testing::Test {
 protected:
  /// One life of an agent.
  struct Process {
    Process(ClusterWorld& world, const std::string& agent_id, cluster::SessionConfig config)
        : runtime(world.scheduler_.add_runtime(agent_id)),
          metadata_faults(world.carrier_, 3),
          metadata(world.metadata_, runtime, metadata_faults),
          object_faults(world.carrier_, 5),
          objects(world.objects_, runtime, object_faults),
          group(runtime),
          session({runtime, metadata, objects},
                  {.agent_id = agent_id, .address = agent_id + ":9090"}, config, group) {}

    runtime::SimRuntime& runtime;
    metadata::MetadataFaults metadata_faults;
    metadata::FaultMetadataStore metadata;
    objectstore::StoreFaults object_faults;
    objectstore::FaultObjectStore objects;
    runtime::TaskGroup group;
    cluster::AgentSession session;
  };

  /// Processes die before the components that their coroutines use.
  void TearDown() override {
    for (const auto& process : processes_) process->runtime.crash();
    carrier_.crash();
  }

  Process& start(const std::string& agent_id, cluster::SessionConfig config = {}) {
    processes_.push_back(std::make_unique<Process>(*this, agent_id, config));
    return *processes_.back();
  }
  /// Started, with an open session.
  Process& join(const std::string& agent_id, cluster::SessionConfig config = {}) {
    Process& process = start(agent_id, config);
    const auto opened = wait(process, process.session.open());
    EXPECT_TRUE(opened) << to_string(opened.error());
    EXPECT_TRUE(wait(process, process.session.take_over_predecessors()));
    return process;
  }

  template <class T>
  T wait(Process& process, runtime::Task<T> task) {
    return runtime::run_task(process.runtime, std::move(task));
  }
  /// Starts `task`; run() it on and look at what is returned.
  template <class T>
  Pending<T> begin(Process& process, runtime::Task<T> task) {
    auto pending = std::make_shared<std::optional<T>>();
    process.runtime.spawn(keep(std::move(task), pending));
    return pending;
  }
  void begin(Process& process, runtime::Task<void> task) { process.runtime.spawn(std::move(task)); }
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
  /// Topic 1. Call once.
  void create_topic(std::int32_t partition_count) {
    const auto topic =
        tables_.create_topic({.name = "orders", .id = {{1}}, .partition_count = partition_count});
    SH_CHECK(topic.has_value() && topic->no == model::TopicNo(1), "the first topic");
  }
  void lease(model::SessionId session, std::int32_t partition_count) {
    std::vector<metadata::AcquireRequest> requests;
    for (std::int32_t i = 0; i < partition_count; ++i) {
      requests.push_back({.key = key(i), .since_seq = model::Seq(1)});
    }
    const auto answers = tables_.acquire_leases(session, requests);
    SH_CHECK(answers.has_value(), "leased");
  }
  /// A row of the session's log: one span of ten records of partition `index`.
  void commit(model::SessionId session, std::int64_t seq, std::int32_t index, std::int64_t base) {
    segment::SpanTable spans{{.partition = key(index),
                              .epoch = model::LeaderEpoch(1),
                              .offsets = {model::Offset(base), model::Offset(base + 10)},
                              .length = 100,
                              .batch_count = 1}};
    segment::place_spans(spans, 64);
    const metadata::CommitEntry entry{.object_size = 200,
                                      .object_crc = static_cast<std::uint32_t>(seq),
                                      .spans = base::Bytes(segment::encode_span_table(spans))};
    const auto appended = tables_.append(session, model::Seq(seq), entry);
    SH_CHECK(appended.has_value(), "committed");
  }

  metadata::SessionState state_of(model::SessionId session) {
    return tables_.get_session(session)->state;
  }
  metadata::Partition row(std::int32_t index) { return *tables_.get_partition(key(index)); }

  runtime::SimScheduler scheduler_{{.seed = 11}};
  runtime::SimRuntime& carrier_ = scheduler_.add_runtime("network");
  metadata::MemoryMetadata tables_{
      [this] { return std::chrono::duration_cast<milliseconds>(scheduler_.elapsed()).count(); },
      model::TopicId{}};
  metadata::MemoryMetadataStore metadata_{tables_};
  objectstore::MemoryObjectStore objects_;
  std::vector<std::unique_ptr<Process>> processes_;

 private:
  template <class T>
  static runtime::Task<void> keep(runtime::Task<T> task, Pending<T> pending) {
    pending->emplace(co_await std::move(task));
  }
};

}  // namespace streamhouse::core_testing
