// Goal: members of a group meet, share its partitions, stay, rejoin and leave, in every version of
// the protocol, and none holds up what else comes on its connection.
// Method: whole requests to a connection over the real services on the simulated runtime.

#include <algorithm>

#include "tests/kafka/group_requests.h"

namespace streamhouse::kafka {
namespace {

using core_testing::milliseconds;
using core_testing::seconds;

class MembersTest : public kafka_testing::GroupRequests {};

TEST_F(MembersTest, MembersMeetAndTheLeaderLearnsOfAll) {
  const std::string first = given_id();
  const std::string second = given_id();
  EXPECT_TRUE(first.starts_with("a-client-")) << first;
  const auto one = begin_request(kNewestJoin, join_request(first));
  const auto other = begin_request(kNewestJoin, join_request(second));
  run(seconds(20));
  ASSERT_TRUE(one->has_value() && other->has_value());
  auto led = response_of<Join>(kNewestJoin, **one);
  auto followed = response_of<Join>(kNewestJoin, **other);
  if (led.leader != led.member_id) std::swap(led, followed);
  EXPECT_EQ(led.error_code, Code::kNone);
  EXPECT_EQ(led.generation_id, followed.generation_id);
  EXPECT_EQ(led.protocol_type, "consumer");
  EXPECT_EQ(led.protocol_name, "range");
  EXPECT_FALSE(led.skip_assignment);
  EXPECT_EQ(led.leader, led.member_id);
  EXPECT_EQ(followed.leader, led.member_id);
  EXPECT_TRUE(followed.members.empty());
  ASSERT_EQ(led.members.size(), 2u);
  for (const auto& member : led.members) {
    EXPECT_TRUE(member.member_id == first || member.member_id == second);
    EXPECT_EQ(base::as_text(member.metadata), kafka_testing::kReadsOrders);
  }
}

/// Others are told of it: a client that insists on text would lose its group.
TEST_F(MembersTest, WhatCannotBeToldToOthersDoesNotJoin) {
  const auto code = [this](std::optional<wire::String> instance, wire::String protocol,
                           wire::String type) {
    Join request = join_request("");
    request.group_instance_id = instance;
    request.protocols.at(0).name = protocol;
    request.protocol_type = type;
    return ask(kNewestJoin, request).error_code;
  };
  EXPECT_EQ(code("\xff", "range", "consumer"), Code::kInvalidRequest);
  EXPECT_EQ(code(std::string(250, 'i'), "range", "consumer"), Code::kInvalidRequest);
  EXPECT_EQ(code({}, "range\xfe", "consumer"), Code::kInvalidRequest);
  EXPECT_EQ(code({}, "range", "\x80"), Code::kInvalidRequest);
  EXPECT_EQ(code({}, "range", "consumer"), Code::kMemberIdRequired);
}

TEST_F(MembersTest, AMembersIdHasAsMuchOfItsClientsIdAsOthersCanRead) {
  for (const std::string& client :
       {std::string(32'767, 'c'), std::string("c\xfe"), std::string(1'000, '\xff'),
        std::string(254, 'c') + "\xc3\xa9"}) {
    const auto frame = wire::encode_request(
        {.version = kNewestJoin, .correlation_id = 7, .client_id = client}, join_request(""));
    const base::ByteVector bytes = frame->joined();
    const auto reply = begin_frame(base::BytesView(bytes).subspan(wire::kFrameLengthSize));
    run(seconds(1));
    ASSERT_TRUE(reply->has_value());
    const auto joined = response_of<Join>(kNewestJoin, **reply);
    EXPECT_EQ(joined.error_code, Code::kMemberIdRequired);
    EXPECT_LE(joined.member_id.size(), 255u + 1 + 36);
    EXPECT_TRUE(base::is_utf8(joined.member_id));
  }
}

TEST_F(MembersTest, EveryMemberGetsItsAssignmentAndStaysByHeartbeats) {
  const auto members = make_stable(3);  // looks at the assignments
  for (int i = 0; i < 10; ++i) {
    run(seconds(5));
    for (const Member& member : members) EXPECT_EQ(beat(member), Code::kNone);
  }
  run(seconds(11));
  for (const Member& member : members) EXPECT_EQ(beat(member), Code::kUnknownMemberId);
}

TEST_F(MembersTest, EveryVersionIsSpoken) {
  for (wire::Version version = 0; version <= kNewestJoin; ++version) {
    SCOPED_TRACE(version);
    const std::string group = "readers-" + std::to_string(version);
    const bool given = version >= 4;
    std::string id = given ? given_id(group) : "";
    const auto joined = ask(version, join_request(id, group));
    ASSERT_EQ(joined.error_code, Code::kNone);
    EXPECT_EQ(joined.protocol_name, "range");
    if (given) EXPECT_EQ(joined.member_id, id);
    Member member{std::string(joined.member_id), joined.generation_id, "mine"};
    const wire::Version sync_version = std::min(version, kNewestSync);
    Sync sync = sync_request(member, group);
    sync.assignments.push_back(
        {.member_id = member.id, .assignment = base::as_bytes(member.assignment)});
    const auto synced = ask(sync_version, sync);
    EXPECT_EQ(synced.error_code, Code::kNone);
    EXPECT_EQ(base::as_text(synced.assignment), "mine");
    const wire::Version beat_version = std::min(version, kNewestBeat);
    EXPECT_EQ(ask(beat_version, beat_request(member, group)).error_code, Code::kNone);
    const wire::Version leave_version = std::min(version, kNewestLeave);
    Leave leave = leave_request({member.id});
    leave.group_id = group;
    if (leave_version < 3) leave.member_id = member.id;
    const auto left = ask(leave_version, leave);
    EXPECT_EQ(left.error_code, Code::kNone);
    EXPECT_EQ(left.members.size(), leave_version < 3 ? 0u : 1u);
    EXPECT_EQ(ask(beat_version, beat_request(member, group)).error_code, Code::kUnknownMemberId);
  }
}

TEST_F(MembersTest, AJoinThatWaitsLetsOthersOfItsConnectionBegin) {
  const auto members = make_stable(1);
  const std::string second = given_id();
  const auto join = begin_request(kNewestJoin, join_request(second));
  run(seconds(1));
  EXPECT_TRUE(turn_was_passed());
  EXPECT_FALSE(join->has_value()) << "the first member has not joined again";
  EXPECT_EQ(beat(members[0]), Code::kRebalanceInProgress) << "on the same connection";
  const auto again = begin_request(kNewestJoin, join_request(members[0].id));
  run(seconds(1));
  ASSERT_TRUE(join->has_value() && again->has_value());
  const auto joined = response_of<Join>(kNewestJoin, **join);
  EXPECT_EQ(joined.generation_id, members[0].generation + 1);
  const auto sync = begin_request(
      kNewestSync, sync_request({second, joined.generation_id, ""}));  // before the leader
  run(seconds(1));
  EXPECT_TRUE(turn_was_passed());
  EXPECT_FALSE(sync->has_value());
}

TEST_F(MembersTest, CallsThatWaitEndWithTheirClient) {
  const auto members = make_stable(1);
  const auto join = begin_request(kNewestJoin, join_request(given_id()));
  run(seconds(1));
  EXPECT_FALSE(join->has_value());
  connection_.ending();
  run(milliseconds(1));
  ASSERT_TRUE(join->has_value());
  EXPECT_EQ(response_of<Join>(kNewestJoin, **join).error_code, Code::kNotCoordinator);
  const auto late = begin_request(kNewestJoin, join_request());
  const auto sync = begin_request(kNewestSync, sync_request(members[0]));
  run(milliseconds(1));
  ASSERT_TRUE(late->has_value() && sync->has_value()) << "they do not begin to wait";
  EXPECT_EQ(response_of<Join>(kNewestJoin, **late).error_code, Code::kNotCoordinator);
  EXPECT_EQ(response_of<Sync>(kNewestSync, **sync).error_code, Code::kNotCoordinator);
}

TEST_F(MembersTest, WhoLeavesMakesTheOthersShareAnew) {
  auto members = make_stable(3);
  const auto left = ask(kNewestLeave, leave_request({members[2].id, "nobody"}));
  EXPECT_EQ(left.error_code, Code::kNone);
  ASSERT_EQ(left.members.size(), 2u);
  EXPECT_EQ(left.members[0].error_code, Code::kNone);
  EXPECT_EQ(left.members[0].member_id, members[2].id);
  EXPECT_EQ(left.members[1].error_code, Code::kUnknownMemberId);
  EXPECT_EQ(beat(members[2]), Code::kUnknownMemberId);
  members.pop_back();
  for (const Member& member : members) EXPECT_EQ(beat(member), Code::kRebalanceInProgress);
  const auto one = begin_request(kNewestJoin, join_request(members[0].id));
  const auto other = begin_request(kNewestJoin, join_request(members[1].id));
  run(seconds(1));
  ASSERT_TRUE(one->has_value() && other->has_value());
  const auto joined = response_of<Join>(kNewestJoin, **one);
  EXPECT_EQ(joined.members.size() + response_of<Join>(kNewestJoin, **other).members.size(), 2u);
  const Member stale = members[0];
  for (Member& member : members) member.generation = joined.generation_id;
  if (joined.leader != members[0].id) std::swap(members[0], members[1]);
  sync_all(members);
  EXPECT_EQ(beat(members[0]), Code::kNone);
  EXPECT_EQ(beat(stale), Code::kIllegalGeneration);
}

TEST_F(MembersTest, AStaticMemberThatStartsAgainKeepsItsPlace) {
  Join join = join_request();
  join.group_instance_id = "machine-1";
  const auto first = ask(kNewestJoin, join);
  ASSERT_EQ(first.error_code, Code::kNone) << "it needs no id first";
  EXPECT_TRUE(first.member_id.starts_with("machine-1-"));
  Member member{std::string(first.member_id), first.generation_id, "mine"};
  Sync sync = sync_request(member);
  sync.group_instance_id = "machine-1";
  sync.assignments.push_back(
      {.member_id = member.id, .assignment = base::as_bytes(member.assignment)});
  EXPECT_EQ(ask(kNewestSync, sync).error_code, Code::kNone);
  const auto again = ask(kNewestJoin, join);
  EXPECT_EQ(again.error_code, Code::kNone);
  EXPECT_NE(again.member_id, first.member_id);
  EXPECT_EQ(again.generation_id, first.generation_id) << "nothing is shared anew";
  EXPECT_TRUE(again.skip_assignment);
  Beat beat = beat_request(member);
  beat.group_instance_id = "machine-1";
  EXPECT_EQ(ask(kNewestBeat, beat).error_code, Code::kFencedInstanceId);
  Leave leave = leave_request({""});
  leave.members[0].group_instance_id = "machine-1";
  const auto left = ask(kNewestLeave, leave);
  ASSERT_EQ(left.members.size(), 1u);
  EXPECT_EQ(left.members[0].error_code, Code::kNone);
  EXPECT_EQ(left.members[0].group_instance_id, "machine-1");
}

TEST_F(MembersTest, WhatTheGroupRefusesSaysWhy) {
  const auto members = make_stable(1);
  Join impatient = join_request();
  impatient.session_timeout_ms = 5999;
  const auto refused = ask(kNewestJoin, impatient);
  EXPECT_EQ(refused.error_code, Code::kInvalidSessionTimeout);
  EXPECT_EQ(refused.generation_id, -1);
  EXPECT_FALSE(refused.protocol_name.has_value());
  EXPECT_EQ(ask(6, impatient).protocol_name, "") << "it could not be null then";
  EXPECT_EQ(ask(kNewestJoin, join_request("nobody")).error_code, Code::kUnknownMemberId);
  EXPECT_EQ(ask(kNewestJoin, join_request("nobody")).member_id, "nobody");
  Join other_type = join_request();
  other_type.protocol_type = "connect";
  EXPECT_EQ(ask(kNewestJoin, other_type).error_code, Code::kInconsistentGroupProtocol);
  EXPECT_EQ(ask(kNewestJoin, join_request("", "")).error_code, Code::kInvalidGroupId);
  Sync sync = sync_request(members[0]);
  sync.protocol_name = "roundrobin";
  EXPECT_EQ(ask(kNewestSync, sync).error_code, Code::kInconsistentGroupProtocol);
  sync.protocol_name = std::nullopt;
  EXPECT_EQ(ask(kNewestSync, sync).error_code, Code::kInconsistentGroupProtocol);
  EXPECT_EQ(ask(kNewestSync, sync_request({"nobody", 1, ""})).error_code, Code::kUnknownMemberId);
  EXPECT_EQ(beat({members[0].id, 77, ""}), Code::kIllegalGeneration);
}

TEST_F(MembersTest, BetweenSessionsTheCoordinatorIsElsewhere) {
  const auto members = make_stable(1);
  current_.set(nullptr);
  EXPECT_EQ(ask(kNewestJoin, join_request()).error_code, Code::kNotCoordinator);
  EXPECT_EQ(ask(kNewestSync, sync_request(members[0])).error_code, Code::kNotCoordinator);
  EXPECT_EQ(beat(members[0]), Code::kNotCoordinator);
  const auto left = ask(kNewestLeave, leave_request({members[0].id}));
  EXPECT_EQ(left.error_code, Code::kNotCoordinator);
  EXPECT_TRUE(left.members.empty());
}

}  // namespace
}  // namespace streamhouse::kafka
