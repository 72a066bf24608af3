// Goal: only the present leader of a group's shard writes it, one write at a time, and what it
// acknowledged is what is read (P18, G2, G3). Method: coordinators over one in-memory database,
// which the test also writes behind their backs.

#include "groups/group_coordinator.h"

#include "groups/group_shard.h"
#include "metadata/wrappers/fault_metadata_store.h"
#include "tests/core/session_world.h"

namespace streamhouse::groups {
namespace {

using base::Errc;
using core_testing::milliseconds;
using model::Offset;

class GroupCoordinatorTest : public core_testing::SessionWorld {
 protected:
  void SetUp() override {
    SessionWorld::SetUp();
    for (const metadata::Partition& row : lease_topic(kOffsetsPartitions)) lead(row);
    const auto topic = tables_.get_topic("orders");
    ASSERT_TRUE(topic);
    coordinator_ = std::make_unique<GroupCoordinator>(
        GroupCoordinator::Ports{agent_, metadata_, partitions_}, session_.id(), *topic, group_);
  }
  void lead(const metadata::Partition& row) {
    auto log = partition::PartitionLog::open(agent_, row);
    ASSERT_TRUE(log);
    partitions_.add(*log);
  }
  model::TopicPartition shard(const std::string& group) {
    return {model::TopicNo(1), shard_of(group, kOffsetsPartitions)};
  }
  metadata::ShardGuard guard(const std::string& group) {
    return {.shard = shard(group), .owner = session_.id(), .epoch = model::LeaderEpoch(1)};
  }
  static std::vector<metadata::CommittedOffset> offsets(std::int32_t partition,
                                                        std::int64_t offset) {
    return {{.key = key(partition), .offset = Offset(offset)}};
  }
  std::string commit(const std::string& group, std::int32_t partition, std::int64_t offset) {
    return outcome(wait(coordinator_->commit(group, offsets(partition, offset))));
  }
  /// "PARTITION=OFFSET ..." as the database has it.
  std::string stored(const std::string& group) {
    const auto loaded = tables_.load_group(group);
    if (!loaded) return std::string(base::errc_name(loaded.error().code));
    std::string shown;
    for (const auto& offset : loaded->offsets) {
      shown += std::to_string(offset.key.partition.value()) + "=" +
               std::to_string(offset.offset.value()) + " ";
    }
    return shown;
  }

  partition::PartitionTable partitions_{1u << 20};
  std::unique_ptr<GroupCoordinator> coordinator_;
};

TEST_F(GroupCoordinatorTest, CreatesTheGroupWithItsFirstCommitAndUpsertsAfterwards) {
  EXPECT_EQ(commit("readers", 0, 5), "ok");
  EXPECT_EQ(commit("readers", 3, 9), "ok");
  EXPECT_EQ(commit("readers", 0, 4), "ok");
  EXPECT_EQ(stored("readers"), "0=4 3=9 ");
  const auto described = wait(coordinator_->describe("readers"));
  ASSERT_TRUE(described);
  EXPECT_EQ(described->group.commit_no, 3);
  EXPECT_EQ(described->group.state, "Empty");
}

TEST_F(GroupCoordinatorTest, CommitsAllOrNothing) {
  const std::vector<metadata::CommittedOffset> both = {{.key = key(0), .offset = Offset(1)},
                                                       {.key = key(999), .offset = Offset(1)}};
  EXPECT_EQ(outcome(wait(coordinator_->commit("readers", both))), "partition_not_found");
  EXPECT_EQ(stored("readers"), "group_not_found");
  EXPECT_EQ(commit("readers", 0, 1), "ok") << "the refusal left the coordinator in order";
}

TEST_F(GroupCoordinatorTest, WritesOneAtATimeInTheOrderAsked) {
  std::vector<core_testing::Pending<base::Status>> commits;
  for (int i = 0; i < 20; ++i) {
    commits.push_back(begin(coordinator_->commit("readers", offsets(i, i))));
  }
  run(milliseconds(10));
  for (const auto& one : commits) EXPECT_EQ(outcome(one), "ok");
  EXPECT_EQ(tables_.load_group("readers")->group.commit_no, 20);
  EXPECT_EQ(tables_.load_group("readers")->offsets.size(), 20u);
}

TEST_F(GroupCoordinatorTest, EnsuresAGroupOnce) {
  const auto first = wait(coordinator_->ensure("readers"));
  const auto again = wait(coordinator_->ensure("readers"));
  ASSERT_TRUE(first);
  ASSERT_TRUE(again);
  EXPECT_EQ(again->commit_no, 1);
  EXPECT_EQ(again->group_id, "readers");
}

TEST_F(GroupCoordinatorTest, RemovesAGroupAndCanCreateItAgain) {
  EXPECT_EQ(outcome(wait(coordinator_->remove("readers"))), "group_not_found");
  ASSERT_EQ(commit("readers", 0, 5), "ok");
  EXPECT_EQ(outcome(wait(coordinator_->remove("readers"))), "ok");
  EXPECT_EQ(stored("readers"), "group_not_found");
  EXPECT_EQ(outcome(wait(coordinator_->describe("readers"))), "group_not_found");
  EXPECT_EQ(commit("readers", 1, 2), "ok");
  EXPECT_EQ(stored("readers"), "1=2 ");
}

TEST_F(GroupCoordinatorTest, RemembersOneNumberAShardHoweverManyGroupsWereDeleted) {
  for (std::size_t i = 0; i < GroupCoordinator::kGroupsMax + 100; ++i) {
    const std::string group = "group " + std::to_string(i);
    ASSERT_EQ(commit(group, 0, 1), "ok");
    ASSERT_EQ(outcome(wait(coordinator_->remove(group))), "ok");
  }
  EXPECT_EQ(coordinator_->groups_in_memory(), GroupCoordinator::kGroupsMax);
  EXPECT_EQ(tables_.tables().group_floors.size(), std::size_t{kOffsetsPartitions});
  EXPECT_EQ(commit("group 0", 0, 2), "ok") << "above the deletions of its shard";
  EXPECT_EQ(stored("group 0"), "0=2 ");
}

TEST_F(GroupCoordinatorTest, CreatesAGroupThoughADeletionInItsShardOvertookIt) {
  metadata::MetadataFaults faults(world_, 6);
  metadata::FaultMetadataStore database(metadata_, agent_, faults);
  const auto topic = tables_.get_topic("orders");
  GroupCoordinator coordinator({agent_, database, partitions_}, session_.id(), *topic, group_);
  const std::string first = "readers";
  std::string second = "a";
  while (shard(second) != shard(first)) second += "a";
  ASSERT_TRUE(wait(coordinator.ensure(first)));
  faults.hold(metadata::Operation::kCommitOffsets);
  const auto created = begin(coordinator.commit(second, offsets(0, 5)));
  run(milliseconds(50));
  ASSERT_EQ(outcome(wait(coordinator.remove(first))), "ok");
  faults.release();
  run(milliseconds(50));
  EXPECT_EQ(outcome(created), "ok");
  EXPECT_EQ(stored(second), "0=5 ");
  EXPECT_GT(tables_.load_group(second)->group.commit_no, 2) << "above the deletion";
}

TEST_F(GroupCoordinatorTest, DoesNotCoordinateGroupsOfShardsThatItDoesNotLead) {
  partitions_.find(shard("readers"))->begin_release();
  EXPECT_EQ(commit("readers", 0, 5), "not_leader");
  partitions_.remove(shard("readers"));
  EXPECT_EQ(commit("readers", 0, 5), "not_leader");
  EXPECT_EQ(outcome(wait(coordinator_->ensure("readers"))), "not_leader");
  EXPECT_EQ(outcome(wait(coordinator_->remove("readers"))), "not_leader");
  EXPECT_EQ(stored("readers"), "group_not_found");
}

TEST_F(GroupCoordinatorTest, ChangesNothingOnceItsLeaseIsOver) {
  ASSERT_EQ(commit("readers", 0, 5), "ok");
  ASSERT_TRUE(tables_.seal_session(session_.id()));
  const auto view = tables_.load_recovery(session_.id());
  ASSERT_TRUE(view);
  const segment::CheckpointTable freed = {
      {.partition = shard("readers"), .epoch = model::LeaderEpoch(1)}};
  ASSERT_EQ(tables_.recover_partitions(session_.id(), freed).value(), 1u);
  EXPECT_EQ(commit("readers", 0, 6), "not_leader") << "it believes to lead, the database knows";
  EXPECT_EQ(stored("readers"), "0=5 ");
}

TEST_F(GroupCoordinatorTest, SaysConflictWhenAnotherWroteAndKnowsItsStateTheNextTime) {
  ASSERT_EQ(commit("readers", 0, 5), "ok");
  ASSERT_TRUE(tables_.commit_offsets(guard("readers"), "readers", 2, offsets(0, 7)));
  ASSERT_TRUE(tables_.commit_offsets(guard("readers"), "readers", 3, offsets(0, 8)));
  EXPECT_EQ(commit("readers", 0, 6), "conflict");
  EXPECT_EQ(stored("readers"), "0=8 ");
  EXPECT_EQ(commit("readers", 0, 9), "ok");
  EXPECT_EQ(stored("readers"), "0=9 ");
}

TEST_F(GroupCoordinatorTest, LoadsTheGroupUnderItsNewLease) {
  ASSERT_EQ(commit("readers", 0, 5), "ok");
  const auto key = shard("readers");
  const metadata::ReleaseEntry release{{partitions_.find(key)->checkpoint()}};
  ASSERT_TRUE(tables_.append(session_.id(), model::Seq(1), release));
  partitions_.remove(key);
  const auto again = tables_.acquire_leases(
      session_.id(),
      {{.key = key, .expected_epoch = model::LeaderEpoch(2), .since_seq = model::Seq(2)}});
  ASSERT_TRUE(again);
  ASSERT_TRUE(again->front()) << to_string(again->front().error());
  lead(*again->front());
  EXPECT_EQ(commit("readers", 1, 6), "ok");
  EXPECT_EQ(stored("readers"), "0=5 1=6 ");
}

TEST_F(GroupCoordinatorTest, ForgetsGroupsUsedLongestAgoAndKnowsThemAgainWhenAsked) {
  ASSERT_EQ(commit("readers", 0, 5), "ok");
  ASSERT_EQ(commit("readers", 0, 6), "ok");
  for (std::size_t i = 0; i < GroupCoordinator::kGroupsMax + 100; ++i) {
    ASSERT_EQ(commit("group " + std::to_string(i), 0, 1), "ok");
  }
  EXPECT_EQ(coordinator_->groups_in_memory(), GroupCoordinator::kGroupsMax);
  EXPECT_EQ(commit("readers", 0, 7), "ok") << "its number was read again";
  EXPECT_EQ(stored("readers"), "0=7 ");
}

TEST_F(GroupCoordinatorTest, ForgetsGroupsThatNobodyWroteForAWhile) {
  for (int i = 0; i < 5; ++i) ASSERT_EQ(commit("group " + std::to_string(i), 0, 1), "ok");
  EXPECT_EQ(coordinator_->use().misses, 5u);
  run(GroupCoordinator::kIdleMax / 2);
  ASSERT_EQ(commit("group 0", 0, 2), "ok");
  EXPECT_EQ(coordinator_->use().hits, 1u);
  run(GroupCoordinator::kIdleMax / 2);
  ASSERT_EQ(commit("new", 0, 1), "ok");
  EXPECT_EQ(coordinator_->groups_in_memory(), 2u) << "new, and group 0";
  EXPECT_EQ(commit("group 1", 0, 3), "ok") << "its number was read again";
  EXPECT_EQ(stored("group 1"), "0=3 ");
  EXPECT_EQ(coordinator_->use().misses, 7u);
}

TEST_F(GroupCoordinatorTest, LeavesOpenWhatMayHaveBeenWrittenBeforeItsLeaseEnded) {
  metadata::MetadataFaults faults(world_, 6);
  metadata::FaultMetadataStore database(metadata_, agent_, faults);
  const auto topic = tables_.get_topic("orders");
  GroupCoordinator coordinator({agent_, database, partitions_}, session_.id(), *topic, group_);
  faults.set_rates(metadata::Operation::kCommitOffsets, {.reply_lost = 1});
  const auto committed = begin(coordinator.commit("readers", offsets(0, 5)));
  run(milliseconds(1));
  ASSERT_EQ(stored("readers"), "0=5 ");
  ASSERT_TRUE(tables_.seal_session(session_.id()));
  const segment::CheckpointTable freed = {
      {.partition = shard("readers"), .epoch = model::LeaderEpoch(1)}};
  ASSERT_TRUE(tables_.recover_partitions(session_.id(), freed));
  faults.stop();
  run(core_testing::seconds(5));
  EXPECT_EQ(outcome(committed), "unknown_outcome");
  EXPECT_EQ(stored("readers"), "0=5 ");
}

}  // namespace
}  // namespace streamhouse::groups
