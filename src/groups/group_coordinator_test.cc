// Goal: only the present leader of a group's shard writes it, one write at a time, and what it
// acknowledged is what is read (P18, G2, G3). Method: coordinators over one in-memory database,
// which the test also writes behind their backs.

#include "groups/group_coordinator.h"

#include "tests/groups/group_world.h"

namespace streamhouse::groups {
namespace {

using core_testing::milliseconds;
using model::Offset;

class GroupCoordinatorTest : public test::GroupWorld {};

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
  const CommitRequest request{.group_id = "readers", .offsets = both};
  EXPECT_EQ(outcome(wait(coordinator_->commit(request))), "partition_not_found");
  EXPECT_EQ(stored("readers"), "group_not_found");
  EXPECT_EQ(commit("readers", 0, 1), "ok") << "the refusal left the coordinator in order";
}

TEST_F(GroupCoordinatorTest, WritesOneAtATimeInTheOrderAsked) {
  std::vector<core_testing::Pending<base::Result<MembershipError>>> commits;
  for (int i = 0; i < 20; ++i) commits.push_back(begin_commit({}, i, i));
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
  coordinator_ = make(database);
  const std::string first = "readers";
  std::string second = "a";
  while (shard(second) != shard(first)) second += "a";
  ASSERT_TRUE(wait(coordinator_->ensure(first)));
  faults.hold(metadata::Operation::kCommitOffsets);
  const auto created = begin(coordinator_->commit({.group_id = second, .offsets = offsets(0, 5)}));
  run(milliseconds(50));
  ASSERT_EQ(outcome(wait(coordinator_->remove(first))), "ok");
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
  free_shard("readers");
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
  lead(partitions_, *again->front());
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
  coordinator_ = make(database);
  faults.set_rates(metadata::Operation::kCommitOffsets, {.reply_lost = 1});
  const auto committed = begin_commit({}, 0, 5);
  run(milliseconds(1));
  ASSERT_EQ(stored("readers"), "0=5 ");
  free_shard("readers");
  faults.stop();
  run(core_testing::seconds(5));
  EXPECT_EQ(outcome(committed), "unknown_outcome");
  EXPECT_EQ(stored("readers"), "0=5 ");
}

}  // namespace
}  // namespace streamhouse::groups
