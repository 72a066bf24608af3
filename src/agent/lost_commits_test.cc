// Goal: a database that lost acknowledged commits (a failover to a standby that was behind, a
// backup put in its place) is noticed; from then on nothing is taken over, deleted or acknowledged
// on top of what is left, in any process, until an operator has looked; and objects of lost commits
// stay also where nobody noticed in time. Method: real cores on the
// simulated runtime over an in-memory database that is set back under them.

#include <gtest/gtest.h>

#include "agent/agent_core.h"
#include "blockcache/checked_object_reader.h"
#include "metadata/memory/memory_metadata_store.h"
#include "objectstore/memory_object_store.h"
#include "runtime/run_task.h"
#include "runtime/sim/sim_scheduler.h"
#include "segment/object_key.h"
#include "tests/core/batches.h"

namespace streamhouse::agent {
namespace {

using base::Errc;
using std::chrono::milliseconds;
using std::chrono::seconds;

struct Life {
  Life(runtime::SimScheduler& scheduler, metadata::MetadataStore& database,
       objectstore::ObjectStore& objects, const std::string& agent)
      : runtime(scheduler.add_runtime(agent)),
        blocks(objects, 1u << 20),
        core({.runtime = runtime, .metadata = database, .objects = objects, .blocks = blocks},
             {.agent = {.agent_id = agent, .address = agent + ":1"},
              .upkeep = {.grace = seconds(60), .interval = seconds(1)}}) {
    runtime.spawn(run());
  }
  runtime::Task<void> run() { ended = co_await core.run(); }

  runtime::SimRuntime& runtime;
  blockcache::CheckedObjectReader blocks;
  AgentCore core;
  std::optional<base::Status> ended;
};

class LostCommitsTest : public testing::Test {
 protected:
  void TearDown() override {
    for (const auto& life : lives_) life->runtime.crash();
  }
  Life& begin(const std::string& agent) {
    lives_.push_back(std::make_unique<Life>(scheduler_, metadata_, objects_, agent));
    Life& life = *lives_.back();
    scheduler_.run_until([&] { return life.core.ready() || life.ended; }, {.steps_max = 1'000'000});
    return life;
  }
  std::string produce(Life& life) {
    auto batch = std::make_shared<base::ByteVector>(core_testing::produced_batch());
    const base::MutableBytesView bytes(*batch);
    service::ProduceCall call{.topic = "orders",
                              .partition = model::PartitionIndex(0),
                              .batch = {.owner = batch, .bytes = bytes}};
    const auto produced =
        runtime::run_task(life.runtime, life.core.produce().produce(std::move(call)));
    return produced ? "ok" : std::string(base::errc_name(produced.error().code));
  }
  /// An agent that leads "orders" and has acknowledged batches of it, of which the database then
  /// forgets all but the first.
  Life& leader_of_lost_commits(int lost) {
    Life& leader = begin("a");
    service::TopicSpec spec{.name = "orders", .partition_count = 1};
    EXPECT_TRUE(runtime::run_task(leader.runtime, leader.core.topic_service().create(spec)));
    EXPECT_EQ(produce(leader), "ok");
    const metadata::MemoryTables before = database_.tables();
    for (int i = 0; i < lost; ++i) EXPECT_EQ(produce(leader), "ok");
    database_.restore(before);
    return leader;
  }

  runtime::SimScheduler scheduler_{{.seed = 7}};
  metadata::MemoryMetadata database_{
      [this] { return std::chrono::duration_cast<milliseconds>(scheduler_.elapsed()).count(); },
      model::TopicId{}};
  metadata::MemoryMetadataStore metadata_{database_};
  objectstore::MemoryObjectStore objects_;
  std::vector<std::unique_ptr<Life>> lives_;
};

TEST_F(LostCommitsTest, TheLeaderStopsAndNobodyTakesOverOrDeletesUntilAnOperatorHasLooked) {
  Life& leader = leader_of_lost_commits(1);
  Life& other = begin("b");
  EXPECT_EQ(produce(leader), "regressed");
  scheduler_.run_for(seconds(1));
  ASSERT_TRUE(leader.ended);
  EXPECT_EQ(leader.ended->error().code, Errc::kRegressed);
  const std::size_t objects = objects_.object_count();
  scheduler_.run_for(seconds(1'000));
  EXPECT_FALSE(other.ended);
  EXPECT_EQ(objects_.object_count(), objects);
  EXPECT_EQ(produce(other), "not_leader");
  const Life& again = begin("a");
  ASSERT_TRUE(again.ended) << "refused at the start";
  EXPECT_EQ(again.ended->error().code, Errc::kRegressed);
  cluster::FreezeMark mark(metadata_);
  ASSERT_TRUE(runtime::run_task(other.runtime, mark.clear()));
  scheduler_.run_for(seconds(30));
  EXPECT_EQ(produce(other), "ok");
}

/// Whoever seals a log that lacks rows cannot know; who wrote them does, and was only told that it
/// is sealed.
TEST_F(LostCommitsTest, TheLeaderNoticesASealInFrontOfWhatItHadCommitted) {
  Life& leader = leader_of_lost_commits(1);
  ASSERT_TRUE(database_.seal_session(leader.core.session_id()));
  scheduler_.run_for(seconds(10));
  ASSERT_TRUE(leader.ended);
  EXPECT_EQ(leader.ended->error().code, Errc::kRegressed);
  EXPECT_TRUE(database_.tables().settings.contains(std::string(cluster::FreezeMark::kSetting)));
}

TEST_F(LostCommitsTest, ASealBehindEverythingIsNoLoss) {
  Life& leader = leader_of_lost_commits(0);
  const model::SessionId session = leader.core.session_id();
  ASSERT_TRUE(database_.seal_session(session));
  scheduler_.run_for(seconds(60));
  EXPECT_FALSE(leader.ended);
  EXPECT_NE(leader.core.session_id(), session);
  EXPECT_EQ(produce(leader), "ok");
}

/// The object of the second lost commit knows of the first. A single one leaves no proof.
TEST_F(LostCommitsTest, WhatALeaderDiedBeforeNoticingIsNoticedByTheSweep) {
  Life& leader = leader_of_lost_commits(2);
  const model::SessionId session = leader.core.session_id();
  leader.runtime.crash();
  const Life& other = begin("b");
  scheduler_.run_for(seconds(1'000));
  EXPECT_FALSE(other.ended);
  EXPECT_EQ(database_.get_session(session)->state, metadata::SessionState::kRecovered);
  for (const std::int64_t seq : {2, 3}) {
    EXPECT_TRUE(objects_.peek(segment::object_key(session, model::Seq(seq)))) << "row " << seq;
  }
  ASSERT_TRUE(other.core.upkeep().trouble());
  EXPECT_EQ(other.core.upkeep().trouble()->code, Errc::kRegressed);
}

}  // namespace
}  // namespace streamhouse::agent
