// Goal: every call ends once, and nobody hears what is not written down.
// Method: calls by hand on a simulated process; the test writes the records.

#include "groups/membership/membership_calls.h"

#include "tests/core/session_world.h"
#include "tests/groups/membership_world.h"

namespace streamhouse::groups {
namespace {

using core_testing::milliseconds;
using core_testing::Pending;
using test::bytes;
using enum MembershipError;

class MembershipCallsTest : public core_testing::SessionWorld {
 protected:
  static constexpr ClientId kFirst{1};
  static constexpr ClientId kSecond{2};

  Pending<base::Result<JoinAnswer>> join(ClientId client, JoinRequest request,
                                         std::string fresh_id = "") {
    auto wait = calls_.join(client, std::move(request), std::move(fresh_id));
    const auto pending = begin(wait.take());
    run(milliseconds(1));
    return pending;
  }
  Pending<base::Result<SyncAnswer>> sync(ClientId client, std::string member_id,
                                         std::vector<Assignment> assignments = {}) {
    const MemberClaim member{.member_id = std::move(member_id),
                             .generation = calls_.machine().generation()};
    auto wait = calls_.sync(client, {.member = member, .assignments = std::move(assignments)});
    const auto pending = begin(wait.take());
    run(milliseconds(1));
    return pending;
  }
  static JoinRequest request(std::string member_id) {
    return test::MembershipWorld::request(std::move(member_id));
  }
  static JoinRequest static_request() {
    JoinRequest joining = request("");
    joining.instance_id = "i";
    return joining;
  }
  void write() {
    ASSERT_TRUE(calls_.take_record());
    calls_.written();
    run(milliseconds(1));
  }

  MembershipCalls calls_{agent_, {.initial_rebalance_delay = runtime::Duration::zero()}, {}};
};

TEST_F(MembershipCallsTest, AnAssignmentIsHeardOfOnceItIsWritten) {
  ASSERT_EQ(outcome(join(kFirst, request(""), "a")), "ok");
  const auto synced = sync(kFirst, "a", {{"a", bytes("p0")}});
  EXPECT_EQ(outcome(synced), "pending");
  write();
  ASSERT_EQ(outcome(synced), "ok");
  EXPECT_EQ(test::text((*synced)->value().assignment), "p0");
  EXPECT_FALSE(calls_.take_record());
}

TEST_F(MembershipCallsTest, AStaticMemberHearsOfItsNewIdOnceItIsWritten) {
  ASSERT_EQ(outcome(join(kFirst, static_request(), "a")), "ok");
  const auto synced = sync(kFirst, "a", {{"a", bytes("p0")}});
  write();
  ASSERT_EQ(outcome(synced), "ok");
  const auto again = join(kSecond, static_request(), "b");
  EXPECT_EQ(outcome(again), "pending");
  write();
  ASSERT_EQ(outcome(again), "ok");
  EXPECT_EQ((*again)->value().member_id, "b");
  EXPECT_EQ((*again)->value().generation, 1) << "without a rebalance";
}

TEST_F(MembershipCallsTest, WhatChangesDuringAWriteIsWrittenNext) {
  ASSERT_EQ(outcome(join(kFirst, static_request(), "a")), "ok");
  const auto synced = sync(kFirst, "a", {{"a", bytes("p0")}});
  write();
  const auto second = join(kFirst, static_request(), "b");
  const auto first = calls_.take_record();
  ASSERT_TRUE(first);
  const auto third = join(kSecond, static_request(), "c");
  EXPECT_FALSE(calls_.take_record()) << "one write at a time";
  calls_.written();
  const auto next = calls_.take_record();
  ASSERT_TRUE(next);
  EXPECT_EQ(next->members.at(0).member_id, "c");
  run(milliseconds(1));
  EXPECT_EQ(outcome(third), "pending");
  calls_.written();
  run(milliseconds(1));
  EXPECT_EQ(outcome(second), "ok");
  EXPECT_EQ(outcome(third), "ok");
}

TEST_F(MembershipCallsTest, TheCallsOfAClientThatIsGoneEndAndOthersGoOn) {
  ASSERT_EQ(outcome(join(kFirst, request(""), "a")), "ok");
  ASSERT_EQ(outcome(join(kSecond, request(""), "b")), "pending");
  const auto rejoined = join(kFirst, request("b"));  // asks again on another connection
  calls_.end_calls(kSecond);
  run(milliseconds(1));
  EXPECT_EQ(outcome(rejoined), "pending");
  calls_.end_calls(kFirst);
  run(milliseconds(1));
  EXPECT_EQ(outcome(rejoined), "stopped");
  const auto first = join(kSecond, request("a"));
  EXPECT_EQ(outcome(first), "ok") << "the generation begins all the same";
  EXPECT_EQ((*first)->value().members.size(), 2u);
}

TEST_F(MembershipCallsTest, EveryCallEndsWhenTheGroupIsAbandoned) {
  ASSERT_EQ(outcome(join(kFirst, request(""), "a")), "ok");
  const auto synced = sync(kFirst, "a", {{"a", bytes("p0")}});
  calls_.abandon();
  run(milliseconds(1));
  EXPECT_EQ(outcome(synced), "not_leader") << "nobody knows whether it was written";
  EXPECT_FALSE(calls_.take_record());
}

TEST_F(MembershipCallsTest, IsAliveAsLongAsSomebodyIsInTheGroup) {
  EXPECT_FALSE(calls_.alive());
  JoinRequest first = request("");
  first.new_member = JoinRequest::NewMember::kIsGivenAnIdFirst;
  const auto promised = join(kFirst, first, "a");
  EXPECT_EQ((*promised)->value().error, kMemberIdRequired);
  EXPECT_TRUE(calls_.alive()) << "it will come back with its id";
  ASSERT_EQ(outcome(join(kFirst, request("a"))), "ok");
  EXPECT_EQ(calls_.leave({.member_id = "a"}), kNone);
  write();
  EXPECT_FALSE(calls_.alive());
}

}  // namespace
}  // namespace streamhouse::groups
