// Goal: members of a group and clients that are none see one group, and calls that wait end with
// their session. Method: a whole session scope that leads every group's shard.

#include "service/membership/membership_service.h"

#include <gmock/gmock.h>

#include "service/group_service.h"
#include "tests/groups/membership_world.h"
#include "tests/service/scope_world.h"

namespace streamhouse::service {
namespace {

using core_testing::milliseconds;
using core_testing::seconds;
using groups::MembershipError;
using model::Offset;
using model::PartitionIndex;

class MembershipServiceTest : public service_testing::ScopeWorld {
 protected:
  static constexpr groups::ClientId kClient{1};

  static groups::JoinRequest request() {
    groups::JoinRequest request = groups::test::MembershipWorld::request("");
    request.client_id = "client";
    request.client_host = "/127.0.0.1";
    return request;
  }
  /// The only member of the group, with its assignment.
  groups::MemberClaim become_member() {
    const auto joined = wait(members_.join(kClient, "readers", request()));
    SH_CHECK(joined && joined->error == MembershipError::kNone, "joined");
    const groups::MemberClaim member{.member_id = joined->member_id,
                                     .generation = joined->generation};
    const groups::SyncRequest assigning{
        .member = member,
        .assignments = {{member.member_id, groups::test::bytes("orders 0 and 1")}}};
    const auto synced = wait(members_.sync(kClient, "readers", assigning));
    SH_CHECK(synced && synced->error == MembershipError::kNone, "assigned");
    return member;
  }
  groups::CommitRequest commit_request(const groups::MemberClaim& member, std::int64_t offset) {
    const metadata::CommittedOffset committed{.key = key(0),
                                              .offset = Offset(offset),
                                              .leader_epoch = model::LeaderEpoch(3),
                                              .metadata = "note"};
    return {.group_id = "readers", .member = member, .offsets = {committed}};
  }
  static TopicOffset orders_0(std::int64_t offset) {
    return {.topic = "orders", .partition = PartitionIndex(0), .offset = Offset(offset)};
  }

  runtime::Task<base::Status> close() {
    const runtime::MonoTime deadline = agent_.now() + seconds(5);
    co_await scope_->close(deadline);
    co_return base::Status{};
  }

  MembershipService members_{current_};
  GroupService groups_{{metadata_, topics_, current_}};
};

TEST_F(MembershipServiceTest, WhatAMemberCommitsIsTheGroupsPositionForEverybody) {
  const auto member = become_member();
  const auto committed = wait(members_.commit(commit_request(member, 7)));
  ASSERT_TRUE(committed) << to_string(committed.error());
  EXPECT_EQ(*committed, MembershipError::kNone);
  const auto fetched = wait(members_.fetch("readers", {key(0), key(1)}));
  ASSERT_TRUE(fetched);
  ASSERT_EQ(fetched->size(), 1u);
  EXPECT_EQ(fetched->front().offset, Offset(7));
  EXPECT_EQ(fetched->front().leader_epoch, model::LeaderEpoch(3));
  EXPECT_EQ(fetched->front().metadata, "note");
  const auto asked = wait(groups_.committed("readers", {orders_0(-1)}));
  ASSERT_TRUE(asked);
  EXPECT_EQ(asked->front().offset, Offset(7));
}

TEST_F(MembershipServiceTest, AClientThatIsNoMemberDoesNotMoveAGroupWithMembers) {
  ASSERT_EQ(outcome(wait(groups_.commit("readers", {orders_0(5)}))), "ok");
  const auto member = become_member();
  EXPECT_EQ(outcome(wait(groups_.commit("readers", {orders_0(6)}))), "conflict");
  EXPECT_EQ(outcome(wait(groups_.remove("readers"))), "conflict");
  const auto fetched = wait(members_.fetch("readers", {key(0)}));
  ASSERT_TRUE(fetched);
  EXPECT_EQ(fetched->front().offset, Offset(5)) << "where the member goes on";
  ASSERT_TRUE(wait(members_.leave("readers", {member})));
  EXPECT_EQ(outcome(wait(groups_.commit("readers", {orders_0(6)}))), "ok");
  EXPECT_EQ(outcome(wait(members_.remove("readers"))), "ok");
  EXPECT_EQ(outcome(wait(groups_.describe("readers"))), "group_not_found");
}

TEST_F(MembershipServiceTest, AGroupIsDescribedAndListedWithItsMembers) {
  const auto member = become_member();
  const auto described = wait(groups_.describe("readers"));
  ASSERT_TRUE(described);
  EXPECT_EQ(described->group.state, "Stable");
  EXPECT_EQ(described->group.generation, 1);
  ASSERT_EQ(described->membership.members.size(), 1u);
  EXPECT_EQ(described->membership.members.front().member_id, member.member_id);
  EXPECT_EQ(described->membership.members.front().client_host, "/127.0.0.1");
  const auto joining = begin(members_.join(kClient, "readers", request()));
  run(milliseconds(10));
  for (const auto& list : {wait(groups_.list("", 10)), wait(members_.list())}) {
    ASSERT_TRUE(list);
    ASSERT_EQ(list->size(), 1u);
    EXPECT_EQ(list->front().state, "PreparingRebalance");
  }
  EXPECT_EQ(wait(members_.describe("readers"))->membership.members.size(), 2u);
}

TEST_F(MembershipServiceTest, DeletesTheOffsetsOfAGroupThatNobodyIsIn) {
  using enum groups::GroupCoordinator::GroupWithMembers;
  ASSERT_EQ(outcome(wait(groups_.commit("readers", {orders_0(5)}))), "ok");
  EXPECT_EQ(outcome(wait(members_.delete_offsets("readers", {key(0), key(1)}, kRefuse))), "ok");
  EXPECT_TRUE(wait(members_.fetch("readers", {key(0)}))->empty());
  EXPECT_EQ(outcome(wait(members_.delete_offsets("nobody", {key(0)}, kRefuse))), "group_not_found");
}

TEST_F(MembershipServiceTest, CallsThatWaitEndWithTheirClientOrTheirSession) {
  const auto first = begin(members_.join(kClient, "readers", request()));
  const auto second = begin(members_.join(groups::ClientId{2}, "readers", request()));
  run(milliseconds(10));
  members_.end_calls(kClient);
  run(milliseconds(10));
  EXPECT_EQ(outcome(first), "stopped");
  EXPECT_EQ(outcome(second), "pending");
  const auto closing = begin(close());
  run(seconds(1));
  EXPECT_EQ(outcome(closing), "ok");
  EXPECT_EQ(outcome(second), "not_leader");
  EXPECT_EQ(outcome(wait(members_.join(kClient, "readers", request()))), "not_leader");
}

TEST_F(MembershipServiceTest, RefusesGroupsWithoutANameAndCallsBetweenSessions) {
  EXPECT_EQ(outcome(wait(members_.join(kClient, "", request()))), "invalid");
  EXPECT_EQ(outcome(wait(members_.heartbeat(std::string(256, 'g'), {}))), "invalid");
  current_.set(nullptr);
  EXPECT_EQ(outcome(wait(members_.join(kClient, "readers", request()))), "not_leader");
  EXPECT_EQ(outcome(wait(members_.list())), "not_leader");
  members_.end_calls(kClient);
}

}  // namespace
}  // namespace streamhouse::service
