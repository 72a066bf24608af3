// Goal: an agent leads every partition that is free, and none that is not (P11). Method: a session
// over the in-memory database; the write path that would lead the partitions notes them.

#include "cluster/lease_keeper.h"

#include <set>

#include "tests/core/cluster_world.h"

namespace streamhouse::cluster {
namespace {

using core_testing::milliseconds;
using core_testing::seconds;
using metadata::Operation;
using model::LeaderEpoch;
using model::Seq;

class NotingHolder final : public LeaseHolder {
 public:
  Seq next_seq() const override { return Seq(42); }
  bool holds(model::TopicPartition key) const override { return held.contains(key); }
  void lead(std::vector<metadata::Partition> acquired) override {
    for (const metadata::Partition& row : acquired) {
      EXPECT_TRUE(held.insert(row.key).second) << "F2 led once at a time";
      rows.push_back(row);
    }
  }

  std::set<model::TopicPartition> held;
  std::vector<metadata::Partition> rows;
};

class LeaseKeeperTest : public core_testing::ClusterWorld {
 protected:
  void SetUp() override { agent_ = &join("a"); }
  void keep(runtime::Duration interval = seconds(1)) {
    keeper_ = std::make_unique<LeaseKeeper>(agent_->runtime, agent_->metadata, agent_->session,
                                            agent_->group);
    begin(*agent_, keeper_->run(holder_, interval));
  }

  Process* agent_ = nullptr;
  NotingHolder holder_;
  std::unique_ptr<LeaseKeeper> keeper_;
};

TEST_F(LeaseKeeperTest, AcquiresWhatNobodyLeadsFromTheNextSeqOn) {
  create_topic(3);
  keep();
  EXPECT_FALSE(keeper_->caught_up());
  run(milliseconds(10));
  EXPECT_TRUE(keeper_->caught_up());
  ASSERT_EQ(holder_.rows.size(), 3u);
  for (const metadata::Partition& row : holder_.rows) {
    EXPECT_EQ(row.owner, agent_->session.id());
    EXPECT_EQ(row.epoch, LeaderEpoch(1));
    EXPECT_EQ(row.since_seq, Seq(42));
  }
}

TEST_F(LeaseKeeperTest, LooksAgainAfterTheIntervalAndAtOnceWhenWoken) {
  keep(seconds(10));
  run(seconds(1));
  EXPECT_TRUE(keeper_->caught_up());
  create_topic(1);
  run(seconds(5));
  EXPECT_TRUE(holder_.rows.empty());
  run(seconds(6));
  EXPECT_EQ(holder_.rows.size(), 1u);
  ASSERT_TRUE(tables_.create_topic({.name = "next", .id = {{2}}, .partition_count = 1}));
  keeper_->wake();
  run(milliseconds(10));
  EXPECT_EQ(holder_.rows.size(), 2u);
}

TEST_F(LeaseKeeperTest, LeavesWhatAnotherLeadsUntilItIsFree) {
  Process& other = join("b");
  create_topic(2);
  lease(other.session.id(), 1);
  keep();
  run(seconds(3));
  ASSERT_EQ(holder_.rows.size(), 1u);
  EXPECT_EQ(holder_.rows[0].key, key(1));
  metadata::ReleaseEntry release;
  release.partitions.push_back({.partition = key(0), .epoch = LeaderEpoch(1)});
  ASSERT_TRUE(tables_.append(other.session.id(), Seq(1), release));
  run(seconds(2));
  ASSERT_EQ(holder_.rows.size(), 2u);
  EXPECT_EQ(holder_.rows[1].epoch, LeaderEpoch(3)) << "F4 every acquisition raises it";
}

TEST_F(LeaseKeeperTest, LeavesAPartitionWhoseReleaseIsNotKnownToBeWritten) {
  create_topic(2);
  holder_.held.insert(key(0));
  keep();
  run(seconds(3));
  ASSERT_EQ(holder_.rows.size(), 1u);
  EXPECT_EQ(row(0).owner, model::kNoSession);
  holder_.held.erase(key(0));
  run(seconds(2));
  EXPECT_EQ(row(0).owner, agent_->session.id());
}

TEST_F(LeaseKeeperTest, LostRepliesLeadEachPartitionOnce) {
  create_topic(20);
  agent_->metadata_faults.set_rates({.refused = 0.3, .reply_lost = 0.5});
  keep();
  run(seconds(60));
  EXPECT_EQ(holder_.rows.size(), 20u);
  for (const metadata::Partition& row : holder_.rows) EXPECT_EQ(row.epoch, LeaderEpoch(1));
}

TEST_F(LeaseKeeperTest, SessionThatIsSealedIsLost) {
  create_topic(1);
  ASSERT_TRUE(tables_.seal_session(agent_->session.id()));
  keep();
  run(milliseconds(10));
  EXPECT_TRUE(agent_->session.lost());
  EXPECT_TRUE(holder_.rows.empty());
}

TEST_F(LeaseKeeperTest, LeadsNothingForASessionThatWasLostMeanwhile) {
  create_topic(1);
  agent_->metadata_faults.hold(Operation::kAcquireLeases);
  keep();
  run(milliseconds(50));
  agent_->session.set_lost();
  agent_->metadata_faults.release();
  run(seconds(3));
  EXPECT_TRUE(holder_.rows.empty());
}

TEST_F(LeaseKeeperTest, HasNotCaughtUpWhileAPageHadOneThatItDidNotGet) {
  create_topic(12'000);
  holder_.held.insert(key(3));
  keep(seconds(60));
  run(seconds(1));
  EXPECT_EQ(holder_.rows.size(), 11'999u) << "without waiting for the interval";
  EXPECT_TRUE(keeper_->caught_up());
}

TEST_F(LeaseKeeperTest, AcquiresMoreThanOneRequestTakes) {
  create_topic(12'000);
  keep(seconds(60));
  run(seconds(1));
  EXPECT_EQ(holder_.rows.size(), 12'000u) << "without waiting for the interval";
  EXPECT_TRUE(keeper_->caught_up());
}

}  // namespace
}  // namespace streamhouse::cluster
