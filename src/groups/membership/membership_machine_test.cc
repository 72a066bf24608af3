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

TEST(MembershipMachineTest, AStaticMemberComesBackToItsPlaceWithoutARebalance) {
  World world;
  JoinRequest request = World::request("");
  request.instance_id = "i";
  world.join(request, "a1");
  world.sync("a1", {{"a1", bytes("p0")}});
  world.save();
  request.can_skip_assignment = true;
  const JoinAnswer back = world.joined(world.join(request, "a2"));
  EXPECT_EQ(back.generation, 1);
  EXPECT_EQ(back.member_id, "a2");
  EXPECT_EQ(back.leader_id, "a2");
  EXPECT_TRUE(back.skip_assignment);
  EXPECT_EQ(back.members.size(), 1u);
  EXPECT_EQ(text(world.synced(world.sync("a2")).assignment), "p0");
  EXPECT_EQ(world.machine.heartbeat(world.now, {"a1", "i", 1}), kFencedInstance);
  EXPECT_EQ(world.machine.heartbeat(world.now, {"a2", "i", 1}), kNone);
  EXPECT_TRUE(world.machine.take_save()) << "its new id is written down";
  request.can_skip_assignment = false;
  const JoinAnswer old_client = world.joined(world.join(request, "a3"));
  EXPECT_EQ(old_client.leader_id, "a2") << "it must not assign anew";
  EXPECT_FALSE(old_client.skip_assignment);
  request.protocols[0].metadata = bytes("other topics");
  EXPECT_EQ(world.joined(world.join(request, "a4")).generation, 2);
}

TEST(MembershipMachineTest, AReplacedStaticMembersCallsAreFenced) {
  World world;
  world.make_stable({"z"});
  JoinRequest request = World::request("");
  request.instance_id = "i";
  const CallId first = world.join(request, "a1");
  const CallId second = world.join(request, "a2");
  EXPECT_EQ(world.joined(first).error, kFencedInstance);
  world.join(World::request("z"));
  EXPECT_EQ(world.joined(second).error, kNone);
  EXPECT_EQ(world.machine.leave(world.now, {"", "i", -1}), kNone) << "by its instance alone";
}

TEST(MembershipMachineTest, AStaticMemberThatDoesNotRejoinKeepsItsPlace) {
  World world;
  world.make_stable({"z"});
  JoinRequest request = World::request("");
  request.instance_id = "i";
  request.session_timeout = 20min;
  world.join(request, "s");
  world.join(World::request("z"));
  world.sync("s");
  world.sync("z", {});
  world.save();
  const CallId z = world.join(World::request("z"));  // a rebalance, and `s` is not running
  world.pass(61s);
  EXPECT_EQ(world.joined(z).members.size(), 2u);
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
