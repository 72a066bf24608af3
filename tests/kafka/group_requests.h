#pragma once
/// \file  GroupRequests: the Kafka world with clients that are members of groups.

#include "groups/group_shard.h"
#include "tests/kafka/kafka_world.h"

namespace streamhouse::kafka_testing {

/// What a consumer of topic `orders` says when it joins.
constexpr std::string_view kReadsOrders{"\0\1\0\0\0\1\0\6orders\xff\xff\xff\xff", 18};

class GroupRequests : public KafkaWorld {
 protected:
  using Join = wire::JoinGroupRequest;
  using Sync = wire::SyncGroupRequest;
  using Beat = wire::HeartbeatRequest;
  using Leave = wire::LeaveGroupRequest;
  using Code = wire::ErrorCode;
  static constexpr wire::Version kNewestJoin = 9;
  static constexpr wire::Version kNewestSync = 5;
  static constexpr wire::Version kNewestBeat = 4;
  static constexpr wire::Version kNewestLeave = 5;

  struct Member {
    std::string id;
    std::int32_t generation = 0;
    std::string assignment;
  };

  void SetUp() override {
    KafkaWorld::SetUp();
    run(core_testing::seconds(5));  // the shards of the offsets topic are led
  }

  static Join join_request(wire::String member_id = "", wire::String group = "readers") {
    Join request{.group_id = group,
                 .session_timeout_ms = 10'000,
                 .rebalance_timeout_ms = 60'000,
                 .member_id = member_id,
                 .protocol_type = "consumer"};
    request.protocols.push_back({.name = "range", .metadata = base::as_bytes(kReadsOrders)});
    return request;
  }
  static Sync sync_request(const Member& member, wire::String group = "readers") {
    return {.group_id = group,
            .generation_id = member.generation,
            .member_id = member.id,
            .protocol_type = "consumer",
            .protocol_name = "range"};
  }
  static Beat beat_request(const Member& member, wire::String group = "readers") {
    return {.group_id = group, .generation_id = member.generation, .member_id = member.id};
  }
  static Leave leave_request(std::vector<wire::String> members) {
    Leave request{.group_id = "readers"};
    for (const wire::String id : members)
      request.members.push_back(
          {.member_id = id, .group_instance_id = std::nullopt, .reason = std::nullopt});
    return request;
  }

  /// The id that a new member is given before it joins.
  std::string given_id(wire::String group = "readers") {
    const auto response = ask(kNewestJoin, join_request("", group));
    EXPECT_EQ(response.error_code, Code::kMemberIdRequired);
    return std::string(response.member_id);
  }
  Code beat(const Member& member) { return ask(kNewestBeat, beat_request(member)).error_code; }
  /// One generation of so many members, who have their assignments: "0", "1", ... The first leads.
  std::vector<Member> make_stable(std::size_t count) {
    std::vector<core_testing::Pending<net::FrameReply>> joins;
    for (std::size_t i = 0; i < count; ++i)
      joins.push_back(begin_request(kNewestJoin, join_request(given_id())));
    run(core_testing::seconds(10));
    std::vector<Member> members;
    for (const auto& join : joins) {
      SH_CHECK(join->has_value(), "joined");
      const auto joined = response_of<Join>(kNewestJoin, **join);
      EXPECT_EQ(joined.error_code, Code::kNone);
      members.push_back({std::string(joined.member_id), joined.generation_id, ""});
      if (joined.leader == joined.member_id) std::swap(members.front(), members.back());
    }
    sync_all(members);
    return members;
  }
  /// The first assigns.
  void sync_all(std::vector<Member>& members) {
    for (std::size_t i = 0; i < members.size(); ++i) members[i].assignment = std::to_string(i);
    std::vector<core_testing::Pending<net::FrameReply>> syncs;
    for (const Member& member : members) {
      Sync request = sync_request(member);
      for (const Member& each : members)
        if (&member == &members.front())
          request.assignments.push_back(
              {.member_id = each.id, .assignment = base::as_bytes(each.assignment)});
      syncs.push_back(begin_request(kNewestSync, request));
    }
    run(core_testing::seconds(1));
    for (std::size_t i = 0; i < members.size(); ++i) {
      SH_CHECK(syncs[i]->has_value(), "synced");
      const auto synced = response_of<Sync>(kNewestSync, **syncs[i]);
      EXPECT_EQ(synced.error_code, Code::kNone);
      EXPECT_EQ(base::as_text(synced.assignment), members[i].assignment);
    }
  }
};

}  // namespace streamhouse::kafka_testing
