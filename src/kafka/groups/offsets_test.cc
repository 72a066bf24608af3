// Goal: what is committed is what comes back, to members and others, in every version, whoever
// commits; each partition has its own error; offsets that somebody needs are not deleted.
// Method: whole requests to a connection over the real services on the simulated runtime.

#include <algorithm>

#include "tests/kafka/group_requests.h"

namespace streamhouse::kafka {
namespace {

using Commit = wire::OffsetCommitRequest;
using Fetch = wire::OffsetFetchRequest;
using Fetched = wire::OffsetFetchResponse;
using Delete = wire::OffsetDeleteRequest;

constexpr wire::Version kNewestCommit = 10;
constexpr wire::Version kNewestFetch = 10;
constexpr wire::Version kByName = 9;

class OffsetsTest : public kafka_testing::GroupRequests {
 protected:
  struct Position {
    wire::String topic;
    std::int32_t partition = 0;
    std::int64_t offset = 0;
    wire::NullableString metadata = "";
  };
  /// Of a client that is no member.
  static Commit commit_request(const std::vector<Position>& positions,
                               wire::String group = "readers") {
    Commit request{.group_id = group};
    for (const Position& position : positions) {
      Commit::Topic& topic = request.topics.emplace_back();
      topic.name = position.topic;
      topic.partitions.push_back({.partition_index = position.partition,
                                  .committed_offset = position.offset,
                                  .committed_leader_epoch = 4,
                                  .committed_metadata = position.metadata});
    }
    return request;
  }
  /// The code of each.
  std::vector<Code> commit(const std::vector<Position>& positions) {
    std::vector<Code> codes;
    for (const auto& topic : ask(kByName, commit_request(positions)).topics)
      codes.push_back(topic.partitions.at(0).error_code);
    return codes;
  }
  Code commit_as(const Member& member, wire::Version version = kByName) {
    Commit request = commit_request({{"orders", 0, 5}});
    request.member_id = member.id;
    request.generation_id_or_member_epoch = member.generation;
    return ask(version, request).topics.at(0).partitions.at(0).error_code;
  }
  /// Of one partition, or of every one.
  static Fetch fetch_request(std::optional<Position> position, wire::String group = "readers") {
    Fetch request;
    Fetch::Group& asked = request.groups.emplace_back();
    asked.group_id = group;
    if (position)
      asked.topics = {
          {.name = position->topic, .topic_id = {}, .partition_indexes = {position->partition}}};
    return request;
  }
  Fetched::Group fetch(std::optional<Position> position, wire::String group = "readers") {
    return ask(kByName, fetch_request(position, group)).groups.at(0);
  }
  Fetched::GroupPartition only(const Position& position) {
    return fetch(position).topics.at(0).partitions.at(0);
  }
  std::int64_t offset(const Position& position) { return only(position).committed_offset; }

  static Delete delete_request(wire::String topic, std::vector<std::int32_t> partitions,
                               wire::String group = "readers") {
    Delete request{.group_id = group, .topics = {{.name = topic, .partitions = {}}}};
    for (const std::int32_t index : partitions)
      request.topics[0].partitions.push_back({.partition_index = index});
    return request;
  }
  Code deleted(wire::String topic) {
    const auto response = ask(0, delete_request(topic, {0}));
    return response.error_code != Code::kNone ? response.error_code
                                              : response.topics.at(0).partitions.at(0).error_code;
  }
};

TEST_F(OffsetsTest, WhatIsCommittedComesBack) {
  create("orders", 3);
  EXPECT_EQ(
      commit({{"orders", 1, 42, std::string_view("a\0note", 6)}, {"orders", 2, 7, std::nullopt}}),
      (std::vector{Code::kNone, Code::kNone}));
  const auto noted = only({"orders", 1});
  EXPECT_EQ(noted.committed_offset, 42);
  EXPECT_EQ(noted.committed_leader_epoch, 4);
  EXPECT_EQ(noted.metadata, std::string_view("a\0note", 6));
  EXPECT_EQ(noted.error_code, Code::kNone);
  EXPECT_EQ(only({"orders", 2}).metadata, "");
  const auto none = only({"orders", 0});
  EXPECT_EQ(none.committed_offset, -1);
  EXPECT_EQ(none.committed_leader_epoch, -1);
  EXPECT_EQ(none.metadata, "");
  EXPECT_EQ(none.error_code, Code::kNone);
  EXPECT_EQ(offset({"nothing", 0}), -1);
  EXPECT_EQ(fetch(Position{"orders", 1}, "nobody").topics.at(0).partitions.at(0).committed_offset,
            -1);
}

/// At any other code of what passes by itself Java's consumers end.
TEST_F(OffsetsTest, WhileTheDatabaseIsAwayTheCoordinatorIsLoading) {
  create("orders");
  faults_db_.set_rates({.refused = 1});
  const Fetch request{.group_id = "g", .topics = {{{.name = "orders", .partition_indexes = {0}}}}};
  EXPECT_EQ(ask(7, request).error_code, ErrorCode::kCoordinatorLoadInProgress);
  faults_db_.stop();
  EXPECT_EQ(ask(7, request).error_code, ErrorCode::kNone);
}

TEST_F(OffsetsTest, EveryVersionIsSpoken) {
  const auto topic = create("orders", 2);
  for (wire::Version version = 2; version <= kNewestCommit; ++version) {
    Commit request = commit_request({{"orders", 1, 100 + version}});
    request.topics[0].topic_id = topic->id.bytes;
    const auto response = ask(version, request);
    EXPECT_EQ(response.topics.at(0).partitions.at(0).error_code, Code::kNone) << version;
    EXPECT_EQ(offset({"orders", 1}), 100 + version);
    EXPECT_EQ(only({"orders", 1}).committed_leader_epoch, version < 6 ? -1 : 4);
  }
  for (wire::Version version = 1; version <= kNewestFetch; ++version) {
    SCOPED_TRACE(version);
    Fetch request = fetch_request(Position{"orders", 1});
    request.groups[0].topics->at(0).topic_id = topic->id.bytes;
    request.group_id = "readers";
    request.topics = {{.name = "orders", .partition_indexes = {1}}};
    const auto response = ask(version, request);
    EXPECT_EQ(response.error_code, Code::kNone);
    EXPECT_EQ(response.topics.size(), version < 8 ? 1u : 0u);
    ASSERT_EQ(response.groups.size(), version < 8 ? 0u : 1u);
    const std::int64_t found =
        version < 8 ? response.topics[0].partitions.at(0).committed_offset
                    : response.groups[0].topics.at(0).partitions.at(0).committed_offset;
    EXPECT_EQ(found, 100 + kNewestCommit);
  }
}

TEST_F(OffsetsTest, ANegativeOffsetTakesBackWhatWasCommitted) {
  create("orders", 1);
  for (const std::int64_t none : {-1, -2}) {
    EXPECT_EQ(commit({{"orders", 0, 9}}), std::vector{Code::kNone});
    EXPECT_EQ(offset({"orders", 0}), 9);
    EXPECT_EQ(commit({{"orders", 0, none}}), std::vector{Code::kNone});
    EXPECT_EQ(offset({"orders", 0}), -1);
  }
}

TEST_F(OffsetsTest, AllOfAGroupAreFoundWithoutNamingThem) {
  const auto orders = create("orders", 2);
  create("returns", 1);
  commit({{"orders", 0, 1}, {"orders", 1, 2}, {"returns", 0, 3}});
  auto all = fetch(std::nullopt);
  EXPECT_EQ(all.error_code, Code::kNone);
  ASSERT_EQ(all.topics.size(), 2u);
  std::ranges::sort(all.topics, {}, &Fetched::GroupTopic::name);
  EXPECT_EQ(all.topics[0].name, "orders");
  ASSERT_EQ(all.topics[0].partitions.size(), 2u);
  EXPECT_EQ(all.topics[0].partitions[1].partition_index, 1);
  EXPECT_EQ(all.topics[0].partitions[1].committed_offset, 2);
  EXPECT_EQ(all.topics[1].partitions.at(0).committed_offset, 3);
  const auto by_id = ask(kNewestFetch, fetch_request(std::nullopt)).groups.at(0);
  EXPECT_TRUE(std::ranges::count(by_id.topics, orders->id.bytes, &Fetched::GroupTopic::topic_id));
  const auto old = ask(2, Fetch{.group_id = "readers", .topics = std::nullopt});
  EXPECT_EQ(old.topics.size(), 2u);
  const auto unknown = fetch(std::nullopt, "nobody");
  EXPECT_EQ(unknown.error_code, Code::kNone);
  EXPECT_TRUE(unknown.topics.empty());
}

TEST_F(OffsetsTest, ManyTopicsAreNotReadOneByOne) {
  std::deque<std::string> names;
  std::vector<Position> positions;
  for (int i = 0; i < 30; ++i) {
    names.push_back("topic-" + std::to_string(i));
    create(names.back());
    positions.push_back({names.back(), 0, i});
  }
  for (const Code code : commit(positions)) EXPECT_EQ(code, Code::kNone);
  Fetch request = fetch_request(positions[0]);
  for (int i = 1; i < 30; ++i)
    request.groups[0].topics->push_back(
        fetch_request(positions[static_cast<std::size_t>(i)]).groups[0].topics->at(0));
  const auto reads = [this] {
    return faults_db_.count(metadata::Operation::kGetTopic, metadata::MetadataFault::kNone);
  };
  const auto before = reads();
  const auto group = ask(kByName, request).groups.at(0);
  ASSERT_EQ(group.topics.size(), 30u);
  for (int i = 0; i < 30; ++i)
    EXPECT_EQ(group.topics[static_cast<std::size_t>(i)].partitions.at(0).committed_offset, i);
  EXPECT_EQ(fetch(std::nullopt).topics.size(), 30u);
  EXPECT_EQ(reads(), before);
  request.groups[0].topics->resize(2);
  ask(kByName, request);
  EXPECT_EQ(reads(), before + 2) << "a few are read for themselves";
}

TEST_F(OffsetsTest, ADeletedTopicTakesNoOffsetsOfOthersWithIt) {
  create("orders");
  const auto returns =
      tables_.create_topic({.name = "returns", .id = {{77}}, .partition_count = 1});
  ASSERT_TRUE(returns);
  topics_.put(*returns);
  ASSERT_TRUE(tables_.delete_topic(returns->id));
  ASSERT_TRUE(tables_.purge_topic(returns->no));  // and nobody here has heard of it
  EXPECT_EQ(commit({{"orders", 0, 7}, {"returns", 0, 8}}),
            (std::vector{Code::kNone, Code::kUnknownTopicOrPartition}));
  EXPECT_EQ(offset({"orders", 0}), 7);
}

TEST_F(OffsetsTest, EachPartitionHasItsOwnErrorAndTheOthersAreKept) {
  create("orders", 1);
  const std::string long_note(4097, 'n');
  EXPECT_EQ(commit({{"orders", 0, 9, std::string_view(long_note).substr(1)},
                    {"orders", 1, 9},
                    {"nothing", 0, 9},
                    {"__consumer_offsets", 0, 9}}),
            (std::vector{Code::kNone, Code::kUnknownTopicOrPartition,
                         Code::kUnknownTopicOrPartition, Code::kUnknownTopicOrPartition}));
  EXPECT_EQ(offset({"orders", 0}), 9);
  EXPECT_EQ(commit({{"orders", 0, 10, long_note}}), std::vector{Code::kOffsetMetadataTooLarge});
  EXPECT_EQ(commit({{"orders", 0, 10, "\xff"}}), std::vector{Code::kInvalidRequest})
      << "no database keeps that as a text";
  EXPECT_EQ(offset({"orders", 0}), 9);
  Commit by_id = commit_request({{"", 0, 9}});
  by_id.topics[0].topic_id[5] = 77;
  const auto unknown = ask(kNewestCommit, by_id);
  EXPECT_EQ(unknown.topics.at(0).partitions.at(0).error_code, Code::kUnknownTopicId);
  EXPECT_EQ(unknown.topics[0].topic_id, by_id.topics[0].topic_id);
  Fetch fetch_by_id = fetch_request(Position{"", 0});
  fetch_by_id.groups[0].topics->at(0).topic_id[5] = 77;
  const auto found = ask(kNewestFetch, fetch_by_id).groups.at(0).topics.at(0).partitions.at(0);
  EXPECT_EQ(found.error_code, Code::kUnknownTopicId);
  EXPECT_EQ(found.committed_offset, -1);
}

TEST_F(OffsetsTest, APartitionThatIsNamedTwiceHasItsLastOffset) {
  create("orders", 1);
  EXPECT_EQ(commit({{"orders", 0, 1}, {"orders", 0, 2}}), (std::vector{Code::kNone, Code::kNone}));
  EXPECT_EQ(offset({"orders", 0}), 2);
}

TEST_F(OffsetsTest, OnlyMembersOfThisGenerationCommitWhereThereAreAny) {
  create("orders", 1);
  const auto members = make_stable(1);
  EXPECT_EQ(commit_as(members[0]), Code::kNone);
  EXPECT_EQ(commit_as({members[0].id, members[0].generation - 1, ""}), Code::kIllegalGeneration);
  EXPECT_EQ(commit_as({"nobody", members[0].generation, ""}), Code::kUnknownMemberId);
  EXPECT_EQ(commit({{"orders", 0, 77}}), std::vector{Code::kUnknownMemberId});
  EXPECT_EQ(offset({"orders", 0}), 5);
  ask(kNewestLeave, leave_request({members[0].id}));
  EXPECT_EQ(commit({{"orders", 0, 77}}), std::vector{Code::kNone});
}

TEST_F(OffsetsTest, WhoeverClaimsAGenerationNeedsItsGroup) {
  create("orders", 1);
  EXPECT_EQ(commit_as({"somebody", 3, ""}, 8), Code::kIllegalGeneration);
  EXPECT_EQ(commit_as({"somebody", 3, ""}, 9), Code::kGroupIdNotFound);
  EXPECT_EQ(offset({"orders", 0}), -1);
  EXPECT_EQ(commit_as({"somebody", -1, ""}), Code::kNone) << "it does not claim one";
  EXPECT_EQ(commit_as({"somebody", 3, ""}), Code::kUnknownMemberId) << "of a group without members";
}

TEST_F(OffsetsTest, GroupsOfOtherFrontEndsAreTheSame) {
  create("orders", 1);
  const service::TopicOffset position{.topic = "orders",
                                      .partition = model::PartitionIndex(0),
                                      .offset = model::Offset(3),
                                      .metadata = "theirs"};
  EXPECT_TRUE(wait(groups_.commit("readers", {position})));
  EXPECT_EQ(only({"orders", 0}).committed_offset, 3);
  EXPECT_EQ(only({"orders", 0}).metadata, "theirs");
  commit({{"orders", 0, 4}});
  const auto committed = wait(groups_.committed("readers", {position}));
  ASSERT_TRUE(committed);
  EXPECT_EQ(committed->at(0).offset, model::Offset(4));
}

TEST_F(OffsetsTest, ATopicOfTheSameNameBeginsWithoutOffsets) {
  create("orders", 1);
  commit({{"orders", 0, 9}});
  EXPECT_TRUE(wait(topic_service_.remove("orders")));
  EXPECT_EQ(offset({"orders", 0}), -1);
  create("orders", 1);
  EXPECT_EQ(offset({"orders", 0}), -1);
  EXPECT_TRUE(fetch(std::nullopt).topics.empty());
}

TEST_F(OffsetsTest, OffsetsOfWhatMembersReadStay) {
  create("orders", 2);
  create("returns", 1);
  commit({{"orders", 0, 1}, {"orders", 1, 2}, {"returns", 0, 3}});
  const auto members = make_stable(1);
  EXPECT_EQ(deleted("orders"), Code::kGroupSubscribedToTopic);
  EXPECT_EQ(deleted("returns"), Code::kNone);
  EXPECT_EQ(offset({"orders", 0}), 1);
  EXPECT_EQ(offset({"returns", 0}), -1);
  ask(kNewestLeave, leave_request({members[0].id}));
  const auto response = ask(0, delete_request("orders", {0, 7}));
  EXPECT_EQ(response.error_code, Code::kNone);
  EXPECT_EQ(response.topics.at(0).partitions.at(0).error_code, Code::kNone);
  EXPECT_EQ(response.topics[0].partitions.at(1).error_code, Code::kUnknownTopicOrPartition);
  EXPECT_EQ(offset({"orders", 0}), -1);
  EXPECT_EQ(offset({"orders", 1}), 2) << "it was not named";
  EXPECT_EQ(deleted("nothing"), Code::kUnknownTopicOrPartition);
  EXPECT_EQ(ask(0, delete_request("orders", {0}, "nobody")).error_code, Code::kGroupIdNotFound);
}

TEST_F(OffsetsTest, WhatOtherProtocolsReadIsNotKnownSoEverythingStays) {
  create("orders", 1);
  commit({{"orders", 0, 1}});
  Join join = join_request();
  join.protocol_type = "connect";
  EXPECT_EQ(ask(3, join).error_code, Code::kNone);
  EXPECT_EQ(deleted("orders"), Code::kNonEmptyGroup);
  EXPECT_EQ(offset({"orders", 0}), 1);
}

TEST_F(OffsetsTest, BetweenSessionsTheCoordinatorIsElsewhere) {
  create("orders", 1);
  current_.set(nullptr);
  EXPECT_EQ(commit({{"orders", 0, 1}}), std::vector{Code::kNotCoordinator});
  EXPECT_EQ(fetch(Position{"orders", 0}).error_code, Code::kNotCoordinator);
  const Fetch oldest{.group_id = "readers",
                     .topics = {{{.name = "orders", .partition_indexes = {0}}}}};
  const auto answered = ask(1, oldest);
  EXPECT_EQ(answered.topics.at(0).partitions.at(0).error_code, Code::kNotCoordinator);
  EXPECT_EQ(ask(2, oldest).error_code, Code::kNotCoordinator);
  EXPECT_EQ(deleted("orders"), Code::kNotCoordinator);
}

}  // namespace
}  // namespace streamhouse::kafka
