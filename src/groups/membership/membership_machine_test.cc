// Goal: the members of a group agree, generation after generation, as clients of Kafka's classic
// protocol expect: who leads, who is asked to join again, and who gets which assignment when.
// Method: scenarios by hand, each call with its answer.
#include "groups/membership/membership_machine.h"

#include <gtest/gtest.h>

#include "tests/groups/membership_world.h"

namespace streamhouse::groups {
namespace {

using namespace std::chrono_literals;
using enum MembershipError;
using test::bytes;
using test::text;
using World = test::MembershipWorld;

TEST(MembershipMachineTest, TheFirstMemberLeadsAndIsToldWhoIsThere) {
  World world;
  const JoinAnswer first = world.joined(world.join_as("a"));
  EXPECT_EQ(first.error, kNone);
  EXPECT_EQ(first.generation, 1);
  EXPECT_EQ(first.leader_id, "a");
  EXPECT_EQ(first.protocol_type, "consumer");
  EXPECT_EQ(first.protocol_name, "range");
  ASSERT_EQ(first.members.size(), 1u);
  EXPECT_EQ(text(first.members[0].metadata), "m");
}

TEST(MembershipMachineTest, ASecondMemberMakesTheFirstJoinAgain) {
  World world;
  world.make_stable({"a"});
  const CallId second = world.join_as("b");
  EXPECT_FALSE(world.answered(second)) << "the first has not joined again";
  EXPECT_EQ(world.heartbeat("a"), kRebalanceInProgress);
  const CallId first = world.join(World::request("a"));
  EXPECT_EQ(world.joined(first).generation, 2);
  EXPECT_EQ(world.joined(first).members.size(), 2u);
  EXPECT_EQ(world.joined(second).leader_id, "a");
  EXPECT_TRUE(world.joined(second).members.empty()) << "only the leader needs them";
}

TEST(MembershipMachineTest, NobodyHearsOfAnAssignmentThatIsNotWrittenDown) {
  World world;
  world.join_as("a");
  const CallId sync = world.sync("a", {{"a", bytes("p0")}});
  EXPECT_FALSE(world.answered(sync));
  const auto record = world.machine.take_save();
  ASSERT_TRUE(record);
  EXPECT_EQ(text(record->members.at(0).assignment), "p0");
  EXPECT_FALSE(world.machine.take_save()) << "once";
  world.machine.saved(world.now, record->generation);
  world.collect();
  EXPECT_EQ(text(world.synced(sync).assignment), "p0");
  EXPECT_EQ(world.machine.phase(), GroupPhase::kStable);
}

TEST(MembershipMachineTest, AWriteOfAnEarlierGenerationChangesNothing) {
  World world;
  world.join_as("a");
  const CallId sync = world.sync("a", {{"a", bytes("p0")}});
  const auto record = world.machine.take_save();
  const CallId second = world.join_as("b");  // while the write is on its way
  EXPECT_EQ(world.synced(sync).error, kRebalanceInProgress);
  world.join(World::request("a"));
  EXPECT_TRUE(world.answered(second));
  world.machine.saved(world.now, record->generation);
  EXPECT_EQ(world.machine.phase(), GroupPhase::kCompletingRebalance);
}

TEST(MembershipMachineTest, MembersWithoutAnAssignmentGetAnEmptyOne) {
  World world;
  world.make_stable({"a"});
  world.join_as("b");
  world.join(World::request("a"));
  const CallId b = world.sync("b");
  world.sync("a", {{"a", bytes("all")}, {"stranger", bytes("x")}});
  world.save();
  EXPECT_EQ(world.synced(b).error, kNone);
  EXPECT_EQ(text(world.synced(b).assignment), "");
  EXPECT_EQ(text(world.synced(world.sync("a")).assignment), "all") << "asked again";
}

TEST(MembershipMachineTest, ANewMemberIsGivenAnIdFirst) {
  World world;
  JoinRequest request = World::request("");
  request.new_member = JoinRequest::NewMember::kIsGivenAnIdFirst;
  const JoinAnswer refused = world.joined(world.join(request, "fresh"));
  EXPECT_EQ(refused.error, kMemberIdRequired);
  EXPECT_EQ(refused.member_id, "fresh");
  EXPECT_FALSE(world.machine.has_members());
  request.member_id = "fresh";
  EXPECT_EQ(world.joined(world.join(request)).error, kNone);
  request.member_id = "another";
  EXPECT_EQ(world.joined(world.join(request)).error, kUnknownMember);
}

TEST(MembershipMachineTest, AnIdThatIsNotUsedIsForgottenAndHoldsNobodyUp) {
  World world;
  world.make_stable({"a"});
  JoinRequest request = World::request("");
  request.new_member = JoinRequest::NewMember::kIsGivenAnIdFirst;
  world.join(request, "never");
  world.join_as("b");
  const CallId a = world.join(World::request("a"));
  EXPECT_FALSE(world.answered(a)) << "who has an id may come any moment";
  world.pass(11s);
  EXPECT_EQ(world.joined(a).members.size(), 2u);
}

TEST(MembershipMachineTest, SilentMembersAreRemovedAndTheOthersJoinAgain) {
  World world;
  world.make_stable({"a", "b"});
  for (int i = 0; i < 3; ++i) {
    world.pass(4s);
    world.heartbeat("b");
  }
  EXPECT_EQ(world.heartbeat("b"), kRebalanceInProgress);
  EXPECT_EQ(world.heartbeat("a"), kUnknownMember);
  const CallId b = world.join(World::request("b"));
  EXPECT_EQ(world.joined(b).leader_id, "b");
  EXPECT_EQ(world.joined(b).members.size(), 1u);
}

TEST(MembershipMachineTest, AMemberThatWaitsIsNotSilent) {
  World world;
  world.make_stable({"a", "b"});
  const CallId a = world.join(World::request("a"));  // the leader: a rebalance
  for (int i = 0; i < 9; ++i) {
    world.pass(5s);
    world.heartbeat("b");
  }
  EXPECT_FALSE(world.answered(a));
  const CallId b = world.join(World::request("b"));
  EXPECT_EQ(world.joined(a).error, kNone);
  EXPECT_EQ(world.joined(b).error, kNone);
}

TEST(MembershipMachineTest, ARebalanceGoesOnWithoutThoseWhoDoNotJoin) {
  World world;
  world.make_stable({"a", "b"});
  const CallId a = world.join(World::request("a"));
  for (int i = 0; i < 13; ++i) {
    world.pass(5s);
    world.heartbeat("b");
  }
  EXPECT_EQ(world.joined(a).members.size(), 1u);
  EXPECT_EQ(world.heartbeat("b"), kUnknownMember);
}

TEST(MembershipMachineTest, ALeaderThatDoesNotAssignIsRemoved) {
  World world;
  world.join_as("a");
  world.join_as("b");
  world.join(World::request("a"));
  const CallId b = world.sync("b");
  for (int i = 0; i < 13; ++i) {
    world.pass(5s);
    world.heartbeat("a");
  }
  EXPECT_EQ(world.synced(b).error, kRebalanceInProgress);
  EXPECT_EQ(world.heartbeat("a"), kUnknownMember);
  EXPECT_EQ(world.joined(world.join(World::request("b"))).leader_id, "b");
}

TEST(MembershipMachineTest, TheFirstRebalanceWaitsForMoreMembers) {
  World world({.initial_rebalance_delay = 3s});
  const CallId a = world.join_as("a");
  world.pass(2s);
  const CallId b = world.join_as("b");
  world.pass(2s);
  EXPECT_FALSE(world.answered(a)) << "another came, so more may";
  world.pass(2s);
  EXPECT_EQ(world.joined(a).members.size(), 2u);
  EXPECT_EQ(world.joined(b).generation, 1);
}

TEST(MembershipMachineTest, MembersThatComeAllTheTimeDelayItNoLongerThanTheRebalanceTimeout) {
  World world({.initial_rebalance_delay = 3s});
  const CallId first = world.join_as("m0");
  for (int i = 1; i < 35; ++i) {
    world.pass(2s);
    if (world.answered(first)) break;
    world.join_as("m" + std::to_string(i));
  }
  EXPECT_TRUE(world.answered(first));
  EXPECT_EQ(world.joined(first).generation, 1);
}

TEST(MembershipMachineTest, AMemberThatLeavesIsMissedAtOnce) {
  World world;
  world.make_stable({"a", "b"});
  EXPECT_EQ(world.leave("b"), kNone);
  EXPECT_EQ(world.leave("b"), kUnknownMember);
  EXPECT_EQ(world.heartbeat("a"), kRebalanceInProgress);
  EXPECT_EQ(world.leave("a"), kNone);
  EXPECT_EQ(world.machine.phase(), GroupPhase::kEmpty);
  const auto record = world.machine.take_save();
  ASSERT_TRUE(record) << "that it is empty is written down";
  EXPECT_TRUE(record->members.empty());
  EXPECT_EQ(record->generation, world.machine.generation());
}

TEST(MembershipMachineTest, TheProtocolIsOneThatAllKnowAndMostPrefer) {
  World world;
  const auto request = [](std::vector<std::string> names) {
    JoinRequest request = World::request("");
    request.protocols.clear();
    for (auto& name : names) request.protocols.push_back({name, bytes("m")});
    return request;
  };
  world.join(request({"x", "y", "z"}), "a");
  world.join(request({"y", "x"}), "b");
  world.join(request({"y", "x"}), "c");
  EXPECT_EQ(world.joined(world.join(request({"z"}), "d")).error, kInconsistentProtocol);
  JoinRequest other = request({"x"});
  other.protocol_type = "connect";
  EXPECT_EQ(world.joined(world.join(other, "e")).error, kInconsistentProtocol);
  JoinRequest again = request({"x", "y", "z"});
  again.member_id = "a";
  EXPECT_EQ(world.joined(world.join(again)).protocol_name, "y");
}

TEST(MembershipMachineTest, ClaimsThatAreNotTrueAreRefused) {
  World world;
  world.make_stable({"a", "b"});
  const auto error_of_sync = [&](SyncRequest request) {
    world.machine.sync(world.now, ++world.calls, std::move(request));
    world.collect();
    return world.synced(world.calls).error;
  };
  EXPECT_EQ(world.machine.heartbeat(world.now, {"a", {}, 99}), kIllegalGeneration);
  EXPECT_EQ(world.machine.heartbeat(world.now, {"x", {}, 99}), kUnknownMember);
  EXPECT_EQ(error_of_sync({.member = {"a", {}, 99}}), kIllegalGeneration);
  EXPECT_EQ(error_of_sync({.member = world.claim("a"), .protocol_name = "other"}),
            kInconsistentProtocol);
  EXPECT_EQ(error_of_sync({.member = world.claim("a"), .protocol_type = "connect"}),
            kInconsistentProtocol);
  JoinRequest request = World::request("");
  request.session_timeout = 5s;
  EXPECT_EQ(world.joined(world.join(request, "c")).error, kInvalidSessionTimeout);
  request.session_timeout = 31min;
  EXPECT_EQ(world.joined(world.join(request, "c")).error, kInvalidSessionTimeout);
}

TEST(MembershipMachineTest, CommitsAreTakenFromMembersOfThisGenerationOnly) {
  World world;
  const auto check = [&](MemberClaim claim) {
    return world.machine.check_commit(world.now, claim);
  };
  EXPECT_EQ(check({}), kNone) << "a client that assigns partitions to itself";
  world.join_as("a");
  EXPECT_EQ(check(world.claim("a")), kRebalanceInProgress) << "it has no assignment yet";
  world.sync("a", {{"a", bytes("p0")}});
  world.save();
  EXPECT_EQ(check(world.claim("a")), kNone);
  EXPECT_EQ(check({}), kUnknownMember) << "the group has members";
  EXPECT_EQ(check({"a", {}, 0}), kIllegalGeneration);
  EXPECT_EQ(check({"x", {}, 1}), kUnknownMember);
  world.join_as("b");
  EXPECT_EQ(check(world.claim("a")), kNone) << "before it gives its partitions up";
}

TEST(MembershipMachineTest, AFullGroupTakesNoMore) {
  World world({.initial_rebalance_delay = 0s, .members_max = 2});
  world.make_stable({"a", "b"});
  EXPECT_EQ(world.joined(world.join_as("c")).error, kGroupFull);
  const CallId again = world.join(World::request("a"));
  world.join(World::request("b"));
  EXPECT_EQ(world.joined(again).error, kNone);
}

TEST(MembershipMachineTest, AnotherCoordinatorGoesOnWithoutARebalance) {
  World world;
  world.make_stable({"a", "b"});
  World next;
  next.machine.restore(world.machine.record(), next.now);
  EXPECT_EQ(next.machine.record(), world.machine.record());
  EXPECT_EQ(next.heartbeat("a"), kNone);
  EXPECT_EQ(text(next.synced(next.sync("b")).assignment), "for b");
  next.pass(9s);
  EXPECT_EQ(next.heartbeat("b"), kNone);
  next.pass(2s);
  EXPECT_EQ(next.heartbeat("b"), kRebalanceInProgress) << "a has not come";
}

TEST(MembershipMachineTest, WhoGivesUpAPromisedIdHoldsNobodyUp) {
  World world;
  world.make_stable({"a"});
  JoinRequest request = World::request("");
  request.new_member = JoinRequest::NewMember::kIsGivenAnIdFirst;
  world.join(request, "promised");
  const CallId a = world.join(World::request("a"));
  EXPECT_FALSE(world.answered(a));
  EXPECT_EQ(world.leave("promised"), kNone);
  EXPECT_EQ(world.joined(a).members.size(), 1u);
  EXPECT_EQ(world.leave("promised"), kUnknownMember) << "it has been given up";
}

TEST(MembershipMachineTest, AnIdThatIsAskedForTwiceIsTwoIds) {
  World world;
  JoinRequest request = World::request("");
  request.new_member = JoinRequest::NewMember::kIsGivenAnIdFirst;
  EXPECT_EQ(world.joined(world.join(request, "one")).member_id, "one");
  EXPECT_EQ(world.joined(world.join(request, "two")).member_id, "two");
  request.member_id = "two";
  const CallId two = world.join(request);
  EXPECT_FALSE(world.answered(two)) << "the other may come any moment";
  world.pass(11s);
  EXPECT_EQ(world.joined(two).members.size(), 1u);
}

TEST(MembershipMachineTest, APromisedIdThatNobodyComesBackWithChangesNothing) {
  World world;
  world.make_stable({"a"});
  JoinRequest request = World::request("");
  request.session_timeout = 20s;
  request.new_member = JoinRequest::NewMember::kIsGivenAnIdFirst;
  world.join(request, "promised");
  for (int i = 0; i < 5; ++i) {
    world.pass(5s);
    EXPECT_EQ(world.heartbeat("a"), kNone) << i;
  }
  EXPECT_EQ(world.machine.generation(), 1);
}

TEST(MembershipMachineTest, AMemberThatNamesALotOfProtocolsIsRefused) {
  World world;
  JoinRequest request = World::request("");
  while (request.protocols.size() < 64)
    request.protocols.push_back({std::to_string(request.protocols.size()), bytes("m")});
  EXPECT_EQ(world.joined(world.join(request, "a")).error, kNone);
  request.protocols.push_back({"one more", bytes("m")});
  EXPECT_EQ(world.joined(world.join(request, "b")).error, kInconsistentProtocol);
}

TEST(MembershipMachineTest, PromisedIdsCountAsMembers) {
  World world({.initial_rebalance_delay = 0s, .members_max = 2});
  JoinRequest request = World::request("");
  request.new_member = JoinRequest::NewMember::kIsGivenAnIdFirst;
  world.join(request, "one");
  world.join(request, "two");
  EXPECT_EQ(world.joined(world.join(request, "three")).error, kGroupFull);
  EXPECT_EQ(world.leave("one"), kNone);
  EXPECT_EQ(world.joined(world.join(request, "three")).error, kMemberIdRequired);
}

TEST(MembershipMachineTest, AGroupThatEmptiesInItsInitialDelayIsEmptyWhenItEnds) {
  World world({.initial_rebalance_delay = 3s});
  const CallId a = world.join_as("a");
  world.pass(1s);
  EXPECT_EQ(world.leave("a"), kNone);
  EXPECT_EQ(world.joined(a).error, kUnknownMember);
  world.pass(3s);
  EXPECT_EQ(world.machine.phase(), GroupPhase::kEmpty);
  EXPECT_FALSE(world.machine.next_due()) << "nothing is left to wait for";
  const CallId b = world.join_as("b");
  world.pass(3s);
  EXPECT_EQ(world.joined(b).leader_id, "b");
}

TEST(MembershipMachineTest, AHeartbeatWhileTheLeaderAssignsIsTaken) {
  World world;
  world.join_as("a");
  world.join_as("b");
  world.join(World::request("a"));
  ASSERT_EQ(world.machine.phase(), GroupPhase::kCompletingRebalance);
  EXPECT_EQ(world.heartbeat("a"), kNone);
  EXPECT_EQ(world.heartbeat("b"), kNone);
  world.pass(9s);
  world.heartbeat("a");
  world.heartbeat("b");
  world.pass(9s);
  EXPECT_EQ(world.heartbeat("b"), kNone) << "heard of in time";
}

TEST(MembershipMachineTest, AFollowerThatJoinsAgainUnchangedGetsTheSameAnswer) {
  World world;
  world.make_stable({"a", "b"});
  const JoinAnswer again = world.joined(world.join(World::request("b")));
  EXPECT_EQ(again.generation, world.machine.generation());
  EXPECT_EQ(again.leader_id, "a");
  EXPECT_EQ(again.member_id, "b");
  EXPECT_TRUE(again.members.empty());
  EXPECT_EQ(world.machine.phase(), GroupPhase::kStable);
  EXPECT_EQ(text(world.synced(world.sync("b")).assignment), "for b");
}

TEST(MembershipMachineTest, AFollowerThatWantsOtherTopicsMakesAllJoinAgain) {
  World world;
  world.make_stable({"a", "b"});
  const CallId b = world.join(World::request("b", "other topics"));
  EXPECT_FALSE(world.answered(b));
  EXPECT_EQ(world.heartbeat("a"), kRebalanceInProgress);
  const JoinAnswer a = world.joined(world.join(World::request("a")));
  ASSERT_EQ(a.members.size(), 2u);
  EXPECT_EQ(text(a.members[1].metadata), "other topics");
}

TEST(MembershipMachineTest, AnUnansweredJoinThatIsMadeAgainIsAnsweredOnTheNewCall) {
  World world;
  world.make_stable({"a", "b"});
  const CallId first = world.join(World::request("a"));
  const CallId second = world.join(World::request("a"));
  EXPECT_EQ(world.joined(first).error, kRebalanceInProgress);
  EXPECT_FALSE(world.answered(second));
  world.join(World::request("b"));
  EXPECT_EQ(world.joined(second).error, kNone);
}

TEST(MembershipMachineTest, AnUnansweredSyncThatIsMadeAgainIsAnsweredOnTheNewCall) {
  World world;
  world.join_as("a");
  world.join_as("b");
  world.join(World::request("a"));
  const CallId first = world.sync("b");
  const CallId second = world.sync("b");
  EXPECT_EQ(world.synced(first).error, kRebalanceInProgress);
  world.sync("a", {{"b", bytes("p1")}});
  world.save();
  EXPECT_EQ(text(world.synced(second).assignment), "p1");
}

TEST(MembershipMachineTest, OnlyTheFirstAssignmentOfAGenerationCounts) {
  World world;
  world.join_as("a");
  world.sync("a", {{"a", bytes("first")}});
  const CallId again = world.sync("a", {{"a", bytes("second")}});
  world.save();
  EXPECT_EQ(text(world.synced(again).assignment), "first");
}

TEST(MembershipMachineTest, WhatIsWrittenDownIsWhatWasToBeSavedThen) {
  World world;
  world.make_stable({"a", "b"});
  world.leave("b");
  world.join(World::request("a"));
  world.sync("a", {{"a", bytes("all")}});
  const std::int32_t generation = world.machine.generation();
  world.join_as("c");  // before anything was written
  const auto record = world.machine.take_save();
  ASSERT_TRUE(record);
  EXPECT_EQ(record->generation, generation);
  ASSERT_EQ(record->members.size(), 1u) << "one that has joined since has no assignment";
  EXPECT_EQ(text(record->members[0].assignment), "all");
}

TEST(MembershipMachineTest, TimeAloneEndsNothingInAnEmptyGroup) {
  World world;
  EXPECT_FALSE(world.machine.next_due());
  world.machine.tick(world.now + 1000h);
  EXPECT_EQ(world.machine.phase(), GroupPhase::kEmpty);
  EXPECT_EQ(world.machine.generation(), 0);
  EXPECT_FALSE(world.machine.take_save());
}

TEST(MembershipMachineTest, PhasesHaveTheNamesThatKafkasToolsShow) {
  EXPECT_EQ(group_phase_name(GroupPhase::kEmpty), "Empty");
  EXPECT_EQ(group_phase_name(GroupPhase::kPreparingRebalance), "PreparingRebalance");
  EXPECT_EQ(group_phase_name(GroupPhase::kCompletingRebalance), "CompletingRebalance");
  EXPECT_EQ(group_phase_name(GroupPhase::kStable), "Stable");
}

TEST(MembershipMachineTest, EveryCallIsAnsweredWhenTheGroupIsCoordinatedElsewhere) {
  World world;
  world.join_as("a");
  const CallId join = world.join_as("b");
  world.machine.abandon(world.now);
  world.collect();
  EXPECT_EQ(world.joined(join).error, kNotCoordinator);
  EXPECT_FALSE(world.machine.take_answers().size());
}

}  // namespace
}  // namespace streamhouse::groups
