// Goal: a static member keeps its place when it is started again, and who it replaced is told so.
// Method: scenarios by hand, each call with its answer.
#include <gtest/gtest.h>

#include "groups/membership/membership_machine.h"
#include "tests/groups/membership_world.h"

namespace streamhouse::groups {
namespace {

using namespace std::chrono_literals;
using enum MembershipError;
using test::bytes;
using test::text;
using World = test::MembershipWorld;

TEST(StaticMembersTest, AStaticMemberComesBackToItsPlaceWithoutARebalance) {
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
}

TEST(StaticMembersTest, WhatAStaticMemberSaysToItsAssignorMakesNobodyJoinAgain) {
  World world;
  JoinRequest request = World::request("");
  request.instance_id = "i";
  request.protocols = {{"range", bytes("m")}, {"sticky", bytes("m")}};
  world.join(request, "a1");
  world.sync("a1", {{"a1", bytes("p0")}});
  world.save();
  request.protocols[0].metadata = bytes("what it had");
  request.session_timeout = 20s;
  EXPECT_EQ(world.joined(world.join(request, "a2")).generation, 1);
  const auto written = world.machine.take_save();
  ASSERT_TRUE(written);
  EXPECT_EQ(text(written->members.at(0).protocols.at(0).metadata), "what it had");
  EXPECT_EQ(written->members[0].session_timeout, 20s);
  request.protocols = {{"sticky", bytes("m")}};
  EXPECT_EQ(world.joined(world.join(request, "a3")).generation, 2) << "another way to assign";
}

TEST(StaticMembersTest, AReplacedStaticMembersCallsAreFenced) {
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

TEST(StaticMembersTest, AStaticMemberThatDoesNotRejoinKeepsItsPlace) {
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

TEST(StaticMembersTest, CommitsOfAFencedInstanceAreRefused) {
  World world;
  JoinRequest request = World::request("");
  request.instance_id = "i";
  world.join(request, "a1");
  world.sync("a1", {{"a1", bytes("p0")}});
  world.save();
  world.join(request, "a2");
  const std::int32_t generation = world.machine.generation();
  const auto check = [&](MemberClaim claim) {
    return world.machine.check_commit(world.now, claim);
  };
  EXPECT_EQ(check({"a1", "i", generation}), kFencedInstance);
  EXPECT_EQ(check({"a2", "i", generation}), kNone);
  EXPECT_EQ(check({"a2", "other", generation}), kUnknownMember);
  EXPECT_EQ(check({"a2", {}, generation}), kNone) << "it need not say that it is static";
}

TEST(StaticMembersTest, APromisedIdIsNoStaticMembers) {
  World world;
  JoinRequest request = World::request("");
  request.instance_id = "i";
  world.join(request, "s");
  world.sync("s", {{"s", bytes("p0")}});
  world.save();
  JoinRequest other = World::request("");
  other.new_member = JoinRequest::NewMember::kIsGivenAnIdFirst;
  other.member_id = world.joined(world.join(other, "promised")).member_id;
  other.instance_id = "i";
  EXPECT_EQ(world.joined(world.join(other)).error, kUnknownMember);
  world.pass(5s);
  EXPECT_EQ(world.machine.heartbeat(world.now, {"s", "i", 1}), kNone) << "nobody took its place";
}

TEST(StaticMembersTest, AMemberIsStaticForAsLongAsItLives) {
  World world;
  JoinRequest request = World::request("");
  request.instance_id = "i";
  world.join(request, "s1");
  world.sync("s1", {{"s1", bytes("p0")}});
  world.save();
  JoinRequest forgetful = World::request("s1", "other topics");
  EXPECT_EQ(world.joined(world.join(forgetful)).generation, 2) << "it need not say it again";
  EXPECT_EQ(world.leave("s1"), kNone);
  EXPECT_EQ(world.joined(world.join(request, "s2")).member_id, "s2") << "its place is free";
}

TEST(StaticMembersTest, AStaticMemberThatLeavesByItsInstanceMayComeBackAsNew) {
  World world;
  world.make_stable({"z"});
  JoinRequest request = World::request("");
  request.instance_id = "i";
  world.join(request, "s1");
  world.join(World::request("z"));
  EXPECT_EQ(world.machine.leave(world.now, {"", "other", -1}), kUnknownMember);
  EXPECT_EQ(world.machine.leave(world.now, {"wrong", "i", -1}), kFencedInstance);
  EXPECT_EQ(world.machine.leave(world.now, {"", "i", -1}), kNone);
  const CallId back = world.join(request, "s2");
  world.join(World::request("z"));
  EXPECT_EQ(world.joined(back).error, kNone);
  EXPECT_EQ(world.joined(back).member_id, "s2");
}

}  // namespace
}  // namespace streamhouse::groups
