// Goal: groups are listed, described and deleted as they are, and as each version can say it.
// Method: whole requests to a connection over the real services on the simulated runtime.

#include "tests/kafka/group_requests.h"

namespace streamhouse::kafka {
namespace {

using core_testing::seconds;
using List = wire::ListGroupsRequest;
using Describe = wire::DescribeGroupsRequest;
using Described = wire::DescribeGroupsResponse;

constexpr wire::Version kNewestList = 5;
constexpr wire::Version kNewestDescribe = 6;

class DescribeGroupsTest : public kafka_testing::GroupRequests {
 protected:
  std::vector<std::string> listed(std::vector<wire::String> states,
                                  std::vector<wire::String> types = {}) {
    const List request{.states_filter = std::move(states), .types_filter = std::move(types)};
    std::vector<std::string> groups;
    for (const auto& group : ask(kNewestList, request).groups)
      groups.push_back(std::string(group.group_id) + " " + std::string(group.group_state));
    return groups;
  }
  Described::Group described(wire::String group, wire::Version version = kNewestDescribe) {
    return ask(version, Describe{.groups = {group}}).groups.at(0);
  }
  Code removed(wire::String group) {
    return ask(2, wire::DeleteGroupsRequest{.groups_names = {group}}).results.at(0).error_code;
  }
};

TEST_F(DescribeGroupsTest, GroupsAreListedByStateAndType) {
  make_stable(1);
  EXPECT_TRUE(wait(groups_.ensure("quiet")));
  using Names = std::vector<std::string>;
  EXPECT_EQ(listed({}), (Names{"quiet Empty", "readers Stable"}));
  EXPECT_EQ(listed({"Stable", "Dead"}), Names{"readers Stable"});
  EXPECT_EQ(listed({"empty"}), Names{"quiet Empty"}) << "whatever the case";
  EXPECT_EQ(listed({"PreparingRebalance"}), Names{});
  EXPECT_EQ(listed({}, {"Classic"}).size(), 2u);
  EXPECT_EQ(listed({}, {"consumer", "share"}), Names{});
  for (wire::Version version = 0; version <= kNewestList; ++version) {
    const auto response = ask(version, List{});
    EXPECT_EQ(response.error_code, Code::kNone);
    ASSERT_EQ(response.groups.size(), 2u) << version;
    EXPECT_EQ(response.groups[1].protocol_type, "consumer");
    EXPECT_EQ(response.groups[1].group_state, version < 4 ? "" : "Stable");
    EXPECT_EQ(response.groups[1].group_type, version < 5 ? "" : "classic");
  }
  current_.set(nullptr);
  EXPECT_EQ(ask(kNewestList, List{}).error_code, Code::kCoordinatorNotAvailable);
}

TEST_F(DescribeGroupsTest, AStableGroupShowsWhoReadsWhat) {
  const auto members = make_stable(2);
  for (wire::Version version = 0; version <= kNewestDescribe; ++version) {
    SCOPED_TRACE(version);
    const auto group = described("readers", version);
    EXPECT_EQ(group.error_code, Code::kNone);
    EXPECT_EQ(group.group_id, "readers");
    EXPECT_EQ(group.group_state, "Stable");
    EXPECT_EQ(group.protocol_type, "consumer");
    EXPECT_EQ(group.protocol_data, "range");
    EXPECT_EQ(group.authorized_operations, wire::kOperationsNotAsked);
    ASSERT_EQ(group.members.size(), 2u);
    for (const auto& member : group.members) {
      EXPECT_EQ(member.client_id, "a-client");
      EXPECT_EQ(member.client_host, "/10.1.2.3");
      EXPECT_EQ(base::as_text(member.member_metadata), kafka_testing::kReadsOrders);
      const bool first = member.member_id == members[0].id;
      EXPECT_EQ(base::as_text(member.member_assignment), first ? "0" : "1");
    }
  }
  const Describe asks{.groups = {"readers"}, .include_authorized_operations = true};
  EXPECT_EQ(ask(kNewestDescribe, asks).groups.at(0).authorized_operations, 328);
}

TEST_F(DescribeGroupsTest, WhileMembersMeetNothingIsAgreedUpon) {
  make_stable(1);
  const auto join = begin_request(kNewestJoin, join_request(given_id()));
  run(seconds(1));
  const auto group = described("readers");
  EXPECT_EQ(group.group_state, "PreparingRebalance");
  EXPECT_EQ(group.protocol_data, "");
  ASSERT_EQ(group.members.size(), 2u);
  EXPECT_TRUE(group.members[0].member_metadata.empty());
  EXPECT_TRUE(group.members[0].member_assignment.empty());
}

TEST_F(DescribeGroupsTest, AnUnknownGroupIsDeadOrAnError) {
  const auto old = described("nobody", 5);
  EXPECT_EQ(old.error_code, Code::kNone);
  EXPECT_EQ(old.group_state, "Dead");
  const auto now = described("nobody", 6);
  EXPECT_EQ(now.error_code, Code::kGroupIdNotFound);
  EXPECT_EQ(now.group_state, "Dead");
  EXPECT_TRUE(now.error_message.has_value());
  EXPECT_TRUE(now.members.empty());
}

TEST_F(DescribeGroupsTest, OnlyGroupsWithoutMembersAreDeleted) {
  const auto members = make_stable(1);
  EXPECT_EQ(removed("readers"), Code::kNonEmptyGroup);
  ask(kNewestLeave, leave_request({members[0].id}));
  run(seconds(1));
  EXPECT_EQ(described("readers").group_state, "Empty");
  EXPECT_EQ(removed("readers"), Code::kNone);
  EXPECT_EQ(removed("readers"), Code::kGroupIdNotFound);
  EXPECT_EQ(described("readers").error_code, Code::kGroupIdNotFound);
  EXPECT_EQ(removed(""), Code::kInvalidGroupId);
  current_.set(nullptr);
  EXPECT_EQ(removed("readers"), Code::kNotCoordinator);
}

}  // namespace
}  // namespace streamhouse::kafka
