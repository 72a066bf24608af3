// Goal: an agent that is told to stop while it starts ends in order, at whatever moment that is.
// Method: the real core on the simulated runtime, over a database whose every call takes time; one
// run for each step of a start, of a first one and of one that takes a predecessor over.
#include <gtest/gtest.h>

#include "agent/agent_core.h"
#include "blockcache/checked_object_reader.h"
#include "metadata/memory/memory_metadata_store.h"
#include "metadata/wrappers/fault_metadata_store.h"
#include "objectstore/memory_object_store.h"
#include "runtime/sim/sim_runtime.h"
#include "runtime/sim/sim_scheduler.h"

namespace streamhouse::agent {
namespace {

using std::chrono::milliseconds;

enum class Predecessor : std::uint8_t { kNone, kCrashed };

/// One process life of an agent.
struct Life {
  Life(runtime::SimRuntime& process, metadata::MetadataStore& database,
       metadata::MetadataFaults& faults, objectstore::ObjectStore& objects)
      : runtime(process),
        metadata(database, runtime, faults),
        blocks(objects, 1u << 20),
        core({.runtime = runtime, .metadata = metadata, .objects = objects, .blocks = blocks},
             {.agent = {.agent_id = "a", .address = "h:1"}}) {
    runtime.spawn(run());
  }
  runtime::Task<void> run() { ended = co_await core.run(); }
  runtime::Task<void> stop() {
    const runtime::MonoTime deadline = runtime.now() + std::chrono::seconds(60);
    stopped = co_await core.stop(deadline);
  }

  runtime::SimRuntime& runtime;
  metadata::FaultMetadataStore metadata;
  blockcache::CheckedObjectReader blocks;
  AgentCore core;
  std::optional<base::Status> ended;
  std::optional<base::Status> stopped;
};

/// The same start every time it is made.
struct Start {
  explicit Start(Predecessor predecessor) {
    faults.set_rates({.stalled = 1.0});
    faults.set_times({.stall_max = milliseconds(5)});
    if (predecessor == Predecessor::kCrashed) {
      Life& earlier = add_life();
      scheduler.run_until([&] { return earlier.core.ready(); });
      earlier.runtime.crash();
    }
    life = &add_life();
  }

  Life& add_life() {
    lives.push_back(
        std::make_unique<Life>(scheduler.add_runtime("agent"), database, faults, objects));
    return *lives.back();
  }
  /// How many steps it takes until the agent is ready.
  std::uint64_t count_steps() {
    const std::uint64_t before = scheduler.steps();
    scheduler.run_until([&] { return life->core.ready(); });
    return scheduler.steps() - before;
  }
  void stop_after(std::uint64_t steps) {
    for (std::uint64_t step = 0; step < steps; ++step) scheduler.step();
    life->runtime.spawn(life->stop());
    const runtime::Duration limit = scheduler.elapsed() + std::chrono::minutes(10);
    scheduler.run_until([&] { return life->stopped && life->ended; }, {.time = limit});
  }

  runtime::SimScheduler scheduler{{.seed = 7}};
  metadata::MemoryMetadata tables{[] { return 1'700'000'000'000; }, model::TopicId{}};
  metadata::MemoryMetadataStore database{tables};
  metadata::MetadataFaults faults{scheduler.add_runtime("network"), 7};
  objectstore::MemoryObjectStore objects;
  std::vector<std::unique_ptr<Life>> lives;
  Life* life = nullptr;
};

class StopDuringStartTest : public testing::TestWithParam<Predecessor> {};

TEST_P(StopDuringStartTest, EndsInOrderAtEveryStep) {
  const std::uint64_t steps = Start(GetParam()).count_steps();
  ASSERT_GT(steps, 20u);
  for (std::uint64_t step = 0; step <= steps; ++step) {
    Start start(GetParam());
    start.stop_after(step);
    const Life& life = *start.life;
    ASSERT_TRUE(life.stopped) << "at step " << step << "\n" << start.scheduler.report();
    EXPECT_TRUE(*life.stopped) << "at step " << step << ": " << to_string(life.stopped->error());
    ASSERT_TRUE(life.ended) << "at step " << step << "\n" << start.scheduler.report();
    EXPECT_TRUE(*life.ended) << "at step " << step << ": " << to_string(life.ended->error());
    EXPECT_FALSE(life.core.ready());
  }
}

INSTANTIATE_TEST_SUITE_P(Predecessors, StopDuringStartTest,
                         testing::Values(Predecessor::kNone, Predecessor::kCrashed),
                         [](const auto& shown) {
                           return shown.param == Predecessor::kNone ? "None" : "Crashed";
                         });

}  // namespace
}  // namespace streamhouse::agent
