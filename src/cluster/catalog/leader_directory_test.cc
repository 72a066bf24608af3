// Goal: not_leader names the agent that leads, never this one, never a guess, and a client who asks
// the wrong agent over and over costs one look-up a second. Method: the in-memory database with
// leases of two agents, counted look-ups, virtual time.
#include "cluster/catalog/leader_directory.h"

#include "metadata/wrappers/fault_metadata_store.h"
#include "tests/core/session_world.h"

namespace streamhouse::cluster {
namespace {

using base::Errc;
using core_testing::milliseconds;
using model::SessionId;

class LeaderDirectoryTest : public core_testing::SessionWorld {
 protected:
  static constexpr SessionId kOther{77};

  /// Partition 0 is led by this agent, partition 1 by another, partition 2 by none.
  void SetUp() override {
    SessionWorld::SetUp();
    const metadata::AgentInfo other{.agent_id = "agent-2", .address = "10.0.0.2:9090"};
    ASSERT_TRUE(tables_.open_session({.id = kOther, .agent = other, .timeout_ms = 60'000}));
    ASSERT_TRUE(tables_.create_topic({.name = "orders", .id = {{1}}, .partition_count = 3}));
    acquire(session_.id(), 0);
    acquire(kOther, 1);
  }
  void acquire(SessionId session, std::int32_t partition) {
    const auto epoch = tables_.get_partition(key(partition))->epoch;
    const auto answers = tables_.acquire_leases(
        session, {{.key = key(partition), .expected_epoch = epoch, .since_seq = model::Seq(1)}});
    ASSERT_TRUE(answers && answers->front());
  }
  std::string leader(std::int32_t partition, Errc code = Errc::kNotLeader) {
    return wait(directory_.name_leader(base::make_error(code, "text"), key(partition))).leader;
  }

  LeaderDirectory directory_{agent_, metadata_, group_, "127.0.0.1:9090"};
};

TEST_F(LeaderDirectoryTest, NamesAnotherAgentAndNeverThisOneOrNobody) {
  EXPECT_EQ(leader(1), "10.0.0.2:9090");
  EXPECT_EQ(leader(0), "");
  EXPECT_EQ(leader(2), "");
  EXPECT_EQ(leader(9), "") << "no such partition";
}

TEST_F(LeaderDirectoryTest, OtherErrorsNameNobody) {
  EXPECT_EQ(leader(1, Errc::kThrottled), "");
  EXPECT_EQ(directory_.use().misses, 0u);
}

TEST_F(LeaderDirectoryTest, AsksTheStoreOnceASecondForEachTopicWhileNobodyTellsOfChanges) {
  for (int i = 0; i < 5; ++i) EXPECT_EQ(leader(1), "10.0.0.2:9090");
  EXPECT_EQ(directory_.use().misses, 1u);
  EXPECT_EQ(directory_.use().hits, 4u);
  EXPECT_EQ(leader(2), "");
  EXPECT_EQ(directory_.use().misses, 1u);
  acquire(kOther, 2);
  run(milliseconds(1'001));
  EXPECT_EQ(leader(2), "10.0.0.2:9090");
}

TEST_F(LeaderDirectoryTest, WhileTheStoreDoesNotAnswerTheLastLeaderIsNamed) {
  metadata::MetadataFaults faults(world_, 6);
  metadata::FaultMetadataStore database(metadata_, agent_, faults);
  LeaderDirectory directory(agent_, database, group_, "127.0.0.1:9090");
  const auto ask = [&] {
    const auto leaders = wait(directory.get(model::TopicNo(1)));
    return leaders ? std::string((*leaders)->address(model::PartitionIndex(1))) : outcome(leaders);
  };
  EXPECT_EQ(ask(), "10.0.0.2:9090");
  faults.set_rates({.refused = 1});
  run(std::chrono::seconds(30));
  EXPECT_EQ(ask(), "10.0.0.2:9090");
  run(std::chrono::seconds(31));
  EXPECT_EQ(ask(), "unavailable") << "a minute is long";
}

TEST_F(LeaderDirectoryTest, ALeaderThatHasGoneIsNamedNoMore) {
  EXPECT_EQ(leader(1), "10.0.0.2:9090");
  ASSERT_TRUE(tables_.deregister_agent("agent-2", kOther));
  run(milliseconds(1'001));
  EXPECT_EQ(leader(1), "");
}

TEST_F(LeaderDirectoryTest, KnowsALeaderUntilTheFeedTellsOfAChange) {
  ChangeFeed feed(agent_, metadata_, group_);
  directory_.follow(feed);
  group_.spawn(feed.run());
  run(std::chrono::seconds(10));  // what the feed had at its start was told again
  EXPECT_EQ(leader(1), "10.0.0.2:9090");
  EXPECT_EQ(leader(2), "");
  run(std::chrono::seconds(30));
  EXPECT_EQ(leader(1), "10.0.0.2:9090");
  EXPECT_EQ(directory_.use().misses, 1u) << "nothing was told";
  acquire(kOther, 2);
  run(milliseconds(510));
  EXPECT_EQ(leader(2), "10.0.0.2:9090");
  EXPECT_EQ(directory_.use().misses, 2u);
  ASSERT_TRUE(tables_.deregister_agent("agent-2", kOther));
  run(milliseconds(510));
  EXPECT_EQ(leader(1), "") << "its address is not known any more";
  agent_.crash();  // the feed's loop
}

TEST_F(LeaderDirectoryTest, WithoutADirectoryTheErrorStaysAsItIs) {
  const base::Error error = base::make_error(Errc::kNotLeader, "text");
  EXPECT_EQ(wait(name_leader(nullptr, error, key(1))).leader, "");
}

}  // namespace
}  // namespace streamhouse::cluster
