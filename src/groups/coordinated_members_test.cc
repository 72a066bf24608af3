// Goal: members of a group get their assignments through the coordinator as they would from one
// machine, whatever becomes of their connections, the coordinator and its leases; nothing that a
// stale member or coordinator does counts (G1, G2, G3).
// Method: two coordinators over one in-memory database with faults, in simulated time.

#include "groups/membership/member_records.h"
#include "tests/groups/group_world.h"

namespace streamhouse::groups {
namespace {

using core_testing::milliseconds;
using core_testing::Pending;
using core_testing::seconds;
using model::Offset;
using test::text;
using enum MembershipError;

class CoordinatedMembersTest : public test::GroupWorld {
 protected:
  metadata::MetadataFaults& use_faulty_database() {
    coordinator_ = make(database_);
    return faults_db_;
  }
  std::string state_of(GroupCoordinator& coordinator) {
    const auto described = wait(coordinator.describe("readers"));
    if (!described) return std::string(base::errc_name(described.error().code));
    return described->group.state + " " + std::to_string(described->group.generation) + " " +
           std::to_string(described->membership.members.size());
  }
  /// The assignments that the last make_stable() gave out.
  std::string assignments() const {
    std::string shown;
    for (const auto& sync : syncs_)
      shown += (outcome(sync) == "ok" ? text((*sync)->value().assignment) : outcome(sync)) + " ";
    return shown;
  }
  /// Heartbeats, every second.
  void keep_alive(const std::vector<JoinAnswer>& members, int for_seconds) {
    for (int i = 0; i < for_seconds; ++i) {
      run(seconds(1));
      for (const JoinAnswer& member : members) ASSERT_EQ(heartbeat(member), kNone);
    }
  }

  metadata::MetadataFaults faults_db_{world_, 6};
  metadata::FaultMetadataStore database_{metadata_, agent_, faults_db_};
};

TEST_F(CoordinatedMembersTest, MembersGetTheirAssignmentsAndKeepThemWhileTheyAreHeardOf) {
  const auto members = make_stable(3);
  EXPECT_EQ(assignments(), "0 1 2 ");
  EXPECT_EQ(members.front().members.size(), 3u);
  EXPECT_EQ(state_of(*coordinator_), "Stable 1 3");
  keep_alive(members, 60);
  EXPECT_EQ(state_of(*coordinator_), "Stable 1 3");
  run(seconds(20));
  EXPECT_EQ(state_of(*coordinator_), "Empty 2 0") << "their sessions lasted ten seconds";
  EXPECT_EQ(tables_.load_group("readers")->group.state, "Empty");
  EXPECT_EQ(coordinator_->members_bytes(), 0u);
}

TEST_F(CoordinatedMembersTest, MemberIdsBeginWithANameAndDiffer) {
  const auto members = make_stable(2);
  EXPECT_EQ(members[0].member_id.substr(0, 7), "client-");
  EXPECT_EQ(members[0].member_id.size(), 7 + 36u);
  EXPECT_NE(members[0].member_id, members[1].member_id);
  JoinRequest joining = request();
  joining.instance_id = "desk";
  const auto joined = join(joining, "others");
  run(seconds(10));
  EXPECT_EQ((*joined)->value().member_id.substr(0, 5), "desk-");
}

TEST_F(CoordinatedMembersTest, AMemberThatLeavesIsReplacedByTheOthers) {
  const auto members = make_stable(2);
  const auto left = wait(coordinator_->leave("readers", {claim(members[1]), {.member_id = "x"}}));
  ASSERT_TRUE(left);
  EXPECT_EQ(*left, (std::vector{kNone, kUnknownMember}));
  EXPECT_EQ(heartbeat(members[0]), kRebalanceInProgress);
  const auto again = join(request(members[0].member_id));
  run(milliseconds(10));
  ASSERT_EQ(outcome(again), "ok");
  EXPECT_EQ((*again)->value().generation, 2);
  EXPECT_EQ((*again)->value().members.size(), 1u);
}

TEST_F(CoordinatedMembersTest, G1NobodyHearsOfAnAssignmentBeforeItIsDurable) {
  auto& faults = use_faulty_database();
  const auto joined = join(request());
  run(seconds(10));
  ASSERT_EQ(outcome(joined), "ok");
  faults.hold(metadata::Operation::kSaveGroup);
  const JoinAnswer& member = (*joined)->value();
  auto request = sync_request(member, {{member.member_id, test::bytes("p0")}});
  const auto synced = begin(coordinator_->sync(kClient, "readers", std::move(request)));
  run(milliseconds(200));
  EXPECT_EQ(outcome(synced), "pending");
  EXPECT_EQ(heartbeat(member), kNone);
  faults.release();
  run(milliseconds(200));
  ASSERT_EQ(outcome(synced), "ok");
  EXPECT_EQ(text((*synced)->value().assignment), "p0");
}

TEST_F(CoordinatedMembersTest, G1AnAssignmentThatAReplacedCoordinatorHoldsIsHeardOfByNobody) {
  auto& faults = use_faulty_database();
  const auto joined = join(request());
  run(seconds(10));
  faults.hold(metadata::Operation::kSaveGroup);
  const JoinAnswer& member = (*joined)->value();
  auto request = sync_request(member, {{member.member_id, test::bytes("p0")}});
  const auto synced = begin(coordinator_->sync(kClient, "readers", std::move(request)));
  run(milliseconds(200));
  take_over("readers");
  faults.release();
  run(milliseconds(200));
  EXPECT_EQ(outcome(synced), "not_leader");
  EXPECT_EQ(state_of(*other_), "group_not_found");
  EXPECT_EQ(heartbeat(member, other_.get()), kUnknownMember);
}

TEST_F(CoordinatedMembersTest, TheNextCoordinatorGoesOnWithoutARebalance) {
  const auto members = make_stable(2);
  ASSERT_EQ(shown(wait(coordinator_->commit(
                {.group_id = "readers", .member = claim(members[1]), .offsets = offsets(3, 7)}))),
            "ok");
  take_over("readers");
  for (const JoinAnswer& member : members) EXPECT_EQ(heartbeat(member, other_.get()), kNone);
  EXPECT_EQ(state_of(*other_), "Stable 1 2");
  const auto fetched = wait(other_->fetch("readers", {key(3), key(4)}));
  ASSERT_TRUE(fetched);
  ASSERT_EQ(fetched->size(), 1u);
  EXPECT_EQ(fetched->front().offset, Offset(7));
  run(seconds(15));
  EXPECT_EQ(state_of(*other_), "Empty 2 0") << "time goes on for them there";
}

TEST_F(CoordinatedMembersTest, G2WhatIsCommittedUnderAnotherGenerationOrLeaseChangesNothing) {
  const auto members = make_stable(2);
  const MemberClaim good = claim(members[0]);
  const auto commit_as = [&](const MemberClaim& member) {
    const auto committed = begin_commit(member, 0, 5);
    run(milliseconds(10));
    return shown(**committed);
  };
  MemberClaim stale = good;
  stale.generation = 0;
  EXPECT_EQ(commit_as(stale), "refused");
  EXPECT_EQ(commit_as({.member_id = "stranger", .generation = 1}), "refused");
  EXPECT_EQ(commit_as({}), "refused") << "a client that is no member, while there are some";
  MemberClaim fenced = good;
  fenced.instance_id = "nobody";
  EXPECT_EQ(commit_as(fenced), "refused");
  EXPECT_EQ(stored("readers"), "");
  EXPECT_EQ(commit_as(good), "ok");
  EXPECT_EQ(stored("readers"), "0=5 ");
  take_over("readers");
  const auto late = begin_commit(good, 0, 4);
  run(milliseconds(10));
  EXPECT_EQ(shown(**late), "not_leader");
  EXPECT_EQ(stored("readers"), "0=5 ");
}

TEST_F(CoordinatedMembersTest, NobodyIsAMemberOfAGroupThatIsNotThere) {
  const auto commit_as = [&](const MemberClaim& member) {
    const auto committed = begin_commit(member, 0, 5);
    run(milliseconds(10));
    return shown(**committed);
  };
  EXPECT_EQ(commit_as({.member_id = "stranger", .generation = 0}), "group_not_found");
  EXPECT_EQ(stored("readers"), "group_not_found");
  EXPECT_EQ(commit_as({.member_id = "stranger"}), "ok") << "without a generation it claims nothing";
  EXPECT_EQ(commit_as({.member_id = "stranger", .generation = 0}), "refused");
  EXPECT_EQ(stored("readers"), "0=5 ");
}

TEST_F(CoordinatedMembersTest, G3WhatIsAcknowledgedIsWrittenBeforeTheNextOwnerHearsOfThePartition) {
  auto& faults = use_faulty_database();
  const auto members = make_stable(2);
  faults.hold(metadata::Operation::kCommitOffsets);
  const auto committed = begin_commit(claim(members[1]), 0, 5);
  run(milliseconds(100));
  const auto second = begin_commit(claim(members[1]), 0, 6);  // waits for its turn
  ASSERT_TRUE(wait(coordinator_->leave("readers", {claim(members[1])})));
  const auto again = join(request(members[0].member_id));
  run(milliseconds(100));
  ASSERT_EQ(outcome(again), "ok");
  auto request = sync_request((*again)->value(), {{members[0].member_id, test::bytes("all")}});
  const auto synced = begin(coordinator_->sync(kClient, "readers", std::move(request)));
  run(milliseconds(100));
  EXPECT_EQ(outcome(synced), "pending") << "an offset of the owner before is on its way";
  faults.release();
  run(seconds(1));
  EXPECT_EQ(shown(**committed), "ok");
  EXPECT_EQ(shown(**second), "refused") << "its generation is over";
  ASSERT_EQ(outcome(synced), "ok");
  EXPECT_EQ(stored("readers"), "0=5 ");
}

TEST_F(CoordinatedMembersTest, ACommitThatTheDatabaseDoesNotAnswerEndsBeforeASessionDoes) {
  auto& faults = use_faulty_database();
  const auto members = make_stable(1);
  const auto commit_in_time = [&](std::int64_t offset) {
    return begin(coordinator_->commit_in_time(
        {.group_id = "readers", .member = claim(members[0]), .offsets = offsets(0, offset)}));
  };
  faults.hold(metadata::Operation::kCommitOffsets);
  const auto under_way = commit_in_time(5);
  const auto behind = commit_in_time(6);
  run(milliseconds(4'900));
  EXPECT_EQ(outcome(under_way), "pending");
  run(milliseconds(200));
  EXPECT_EQ(outcome(under_way), "unknown_outcome");
  EXPECT_EQ(outcome(behind), "unknown_outcome");
  EXPECT_EQ(heartbeat(members[0]), kNone) << "it is heard of in time";
  faults.release();
  run(milliseconds(100));
  EXPECT_EQ(stored("readers"), "0=5 ") << "the other was not made";
  const auto third = commit_in_time(7);
  run(milliseconds(10));
  EXPECT_EQ(shown(**third), "ok");
  EXPECT_EQ(stored("readers"), "0=7 ");
}

TEST_F(CoordinatedMembersTest, AMemberIsHeardOfByACommitThatWaitsForItsTurn) {
  auto& faults = use_faulty_database();
  const auto members = make_stable(1);
  faults.hold(metadata::Operation::kCommitOffsets);
  const auto under_way = begin_commit(claim(members[0]), 0, 5);
  run(seconds(8));
  const auto behind = begin(coordinator_->commit_in_time(
      {.group_id = "readers", .member = claim(members[0]), .offsets = offsets(0, 6)}));
  run(milliseconds(5'100));
  EXPECT_EQ(outcome(under_way), "pending");
  EXPECT_EQ(outcome(behind), "unknown_outcome");
  EXPECT_EQ(heartbeat(members[0]), kNone) << "thirteen seconds after the first";
  faults.release();
  run(milliseconds(100));
}

TEST_F(CoordinatedMembersTest, CallsThatWaitEndWithTheirClient) {
  const auto joined = join(request());
  run(milliseconds(10));
  ASSERT_EQ(outcome(joined), "pending");
  coordinator_->end_calls(ClientId{2});
  run(milliseconds(10));
  ASSERT_EQ(outcome(joined), "pending");
  coordinator_->end_calls(kClient);
  run(milliseconds(10));
  EXPECT_EQ(outcome(joined), "stopped");
  run(seconds(30));
  EXPECT_EQ(state_of(*coordinator_), "Empty 2 0") << "a member that nothing is heard of goes";
}

TEST_F(CoordinatedMembersTest, CallsWhoseGroupIsStillLoadedEndWithTheirClient) {
  auto& faults = use_faulty_database();
  faults.hold(metadata::Operation::kLoadGroup);
  const auto joined = join(request());
  const auto synced = begin(coordinator_->sync(kClient, "readers", {.member = {.member_id = "a"}}));
  const auto other = join(request(), "readers", ClientId{2});
  run(milliseconds(10));
  coordinator_->end_calls(kClient);
  faults.release();
  run(milliseconds(10));
  EXPECT_EQ(outcome(joined), "stopped");
  EXPECT_EQ(outcome(synced), "stopped");
  EXPECT_EQ(outcome(other), "pending") << "of another client";
  run(seconds(10));
  EXPECT_EQ(outcome(other), "ok");
  EXPECT_EQ(state_of(*coordinator_), "CompletingRebalance 1 1") << "who was gone is no member";
}

TEST_F(CoordinatedMembersTest, CallsThatWaitEndWhenTheLeaseIsLostOrTheCoordinatorStops) {
  const auto joined = join(request());
  run(milliseconds(10));
  partitions_.remove(shard("readers"));
  run(seconds(1));
  EXPECT_EQ(outcome(joined), "not_leader");
  const auto other = join(request(), "others");
  run(milliseconds(10));
  ASSERT_EQ(outcome(other), "pending");
  coordinator_->stop();
  run(milliseconds(10));
  EXPECT_EQ(outcome(other), "not_leader");
  EXPECT_EQ(outcome(wait(coordinator_->heartbeat("others", {}))), "not_leader");
}

TEST_F(CoordinatedMembersTest, AStaticMemberComesBackUnderANewIdWithoutARebalance) {
  JoinRequest joining = request();
  joining.instance_id = "desk";
  const auto first = join(joining);
  run(seconds(10));
  const JoinAnswer before = (*first)->value();
  auto sync = sync_request(before, {{before.member_id, test::bytes("p0")}});
  ASSERT_TRUE(wait(coordinator_->sync(kClient, "readers", std::move(sync))));
  const auto second = join(joining);
  run(seconds(1));
  ASSERT_EQ(outcome(second), "ok");
  const JoinAnswer after = (*second)->value();
  EXPECT_EQ(after.generation, 1);
  take_over("readers");
  MemberClaim old = claim(before);
  old.instance_id = "desk";
  MemberClaim now = claim(after);
  now.instance_id = "desk";
  EXPECT_EQ(wait(other_->heartbeat("readers", old)).value(), kFencedInstance);
  EXPECT_EQ(wait(other_->heartbeat("readers", now)).value(), kNone);
}

TEST_F(CoordinatedMembersTest, ARecordThatCannotBeReadIsNamedAndHarmsNoOtherGroup) {
  ASSERT_TRUE(tables_.save_group(
      guard("readers"),
      {.group_id = "readers", .commit_no = 1, .members = base::Bytes(std::string("damaged"))}));
  const auto refused = wait(coordinator_->heartbeat("readers", {}));
  EXPECT_EQ(outcome(refused), "corrupt");
  EXPECT_NE(refused.error().text.find("'readers'"), std::string::npos);
  EXPECT_EQ(outcome(wait(coordinator_->describe("readers"))), "corrupt");
  make_stable(1, "others");
  EXPECT_EQ(assignments(), "0 ");
}

TEST_F(CoordinatedMembersTest, AGroupWithMembersKeepsItsOffsetsAndItself) {
  const auto members = make_stable(1);
  const auto committed = begin_commit(claim(members[0]), 0, 5);
  run(milliseconds(10));
  ASSERT_EQ(shown(**committed), "ok");
  using enum GroupCoordinator::GroupWithMembers;
  EXPECT_EQ(outcome(wait(coordinator_->remove("readers"))), "conflict");
  EXPECT_EQ(outcome(wait(coordinator_->delete_offsets("readers", {key(0)}, kRefuse))), "conflict");
  EXPECT_EQ(stored("readers"), "0=5 ");
  EXPECT_EQ(outcome(wait(coordinator_->delete_offsets("readers", {key(0)}, kAllow))), "ok");
  EXPECT_EQ(stored("readers"), "");
  EXPECT_EQ(heartbeat(members[0]), kNone);
  ASSERT_TRUE(wait(coordinator_->leave("readers", {claim(members[0])})));
  EXPECT_EQ(outcome(wait(coordinator_->remove("readers"))), "ok");
  EXPECT_EQ(outcome(wait(coordinator_->delete_offsets("readers", {key(0)}, kRefuse))),
            "group_not_found");
}

TEST_F(CoordinatedMembersTest, ListsTheGroupsItCoordinatesAsTheyAreNow) {
  make_stable(1);
  ASSERT_EQ(commit("simple", 0, 1), "ok");
  const auto joined = join(request(), "forming");
  run(milliseconds(10));
  const auto list = wait(coordinator_->list());
  ASSERT_TRUE(list);
  std::string shown;
  for (const auto& group : *list)
    shown += group.group_id + "/" + group.protocol_type + "/" + group.state + " ";
  EXPECT_EQ(shown, "forming/consumer/PreparingRebalance readers/consumer/Stable simple//Empty ");
  partitions_.remove(shard("simple"));
  EXPECT_EQ(wait(coordinator_->list())->size(), 2u);
}

TEST_F(CoordinatedMembersTest, ShowsThatTheLastMemberHasLeftBeforeThatIsWrittenDown) {
  auto& faults = use_faulty_database();
  const auto members = make_stable(1);
  faults.hold(metadata::Operation::kSaveGroup);
  ASSERT_TRUE(wait(coordinator_->leave("readers", {claim(members[0])})));
  EXPECT_EQ(tables_.load_group("readers")->group.state, "Stable");
  EXPECT_EQ(state_of(*coordinator_), "Empty 2 0");
  EXPECT_EQ(wait(coordinator_->list())->front().state, "Empty");
  faults.release();
  run(seconds(1));
  EXPECT_EQ(tables_.load_group("readers")->group.state, "Empty");
}

/// A coordinator that looks at all groups every minute.
class GroupVisitsTest : public CoordinatedMembersTest {
 protected:
  static constexpr auto kRetention = std::chrono::minutes(60);
  void SetUp() override {
    CoordinatedMembersTest::SetUp();
    group_.spawn(session_.keep_alive());
    coordinator_ = make(metadata_, kConfig);
    coordinator_->start();
  }
  /// Lets the database's clock be known, as an agent does.
  runtime::Task<void> beat(model::SessionId session) {
    while (!co_await group_.sleep_until_stop(seconds(1))) {
      EXPECT_TRUE(tables_.heartbeat(session, 6'000, metadata::ListOwned::kNo));
    }
  }
  static constexpr GroupConfig kConfig{.retention = kRetention,
                                       .visit_interval = std::chrono::minutes(1)};
};

TEST_F(GroupVisitsTest, AGroupThatNobodyWroteToForItsRetentionIsRemoved) {
  ASSERT_EQ(commit("readers", 0, 5), "ok");
  ASSERT_EQ(commit("others", 0, 5), "ok");
  run(kRetention / 2);
  ASSERT_EQ(commit("others", 1, 5), "ok");
  run(kRetention / 2 - std::chrono::minutes(1));
  EXPECT_EQ(stored("readers"), "0=5 ");
  run(std::chrono::minutes(4));
  EXPECT_EQ(stored("readers"), "group_not_found");
  EXPECT_EQ(stored("others"), "0=5 1=5 ");
  EXPECT_EQ(commit("readers", 0, 6), "ok");
  EXPECT_EQ(stored("readers"), "0=6 ");
}

TEST_F(GroupVisitsTest, AGroupWithMembersIsKeptHoweverLongNothingIsWritten) {
  const auto members = make_stable(1);
  keep_alive(members, 2 * 3600);
  EXPECT_EQ(state_of(*coordinator_), "Stable 1 1");
}

TEST_F(GroupVisitsTest, MembersThatNeverCallTheNextCoordinatorAreExpiredThere) {
  make_stable(2);
  take_over("readers", kConfig);
  other_->start();
  group_.spawn(beat(model::SessionId(5)));
  run(seconds(50));
  EXPECT_EQ(tables_.load_group("readers")->group.state, "Stable");
  run(seconds(30));
  EXPECT_EQ(tables_.load_group("readers")->group.state, "Empty");
  run(kRetention + std::chrono::minutes(2));
  EXPECT_EQ(state_of(*other_), "group_not_found");
}

}  // namespace
}  // namespace streamhouse::groups
