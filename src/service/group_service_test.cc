// Goal: offsets are committed and found by topic name, all or none, within documented limits, and
// groups come and go as documented. Method: a whole session scope that leads every group's shard.

#include "service/group_service.h"

#include <gmock/gmock.h>

#include "tests/service/scope_world.h"

namespace streamhouse::service {
namespace {

using model::Offset;
using model::PartitionIndex;
using testing::ElementsAre;

class GroupServiceTest : public service_testing::ScopeWorld {
 protected:
  static TopicOffset at(const std::string& topic, std::int32_t partition, std::int64_t offset,
                        std::string metadata = "") {
    return {.topic = topic,
            .partition = PartitionIndex(partition),
            .offset = Offset(offset),
            .metadata = std::move(metadata)};
  }
  std::string commit(std::vector<TopicOffset> offsets, const std::string& group = "readers") {
    return outcome(wait(service_.commit(group, std::move(offsets))));
  }
  /// Offsets of partitions 0 and 1, -1 = none.
  std::vector<std::int64_t> committed(const std::string& group = "readers") {
    const auto answers =
        wait(service_.committed(group, {at("orders", 0, 77), at("orders", 1, 77)}));
    SH_CHECK(answers.has_value(), "answered");
    std::vector<std::int64_t> offsets;
    for (const TopicOffset& answer : *answers) offsets.push_back(answer.offset.value());
    return offsets;
  }
  std::vector<std::string> listed(const std::string& after, std::size_t limit) {
    const auto page = wait(service_.list(after, limit));
    SH_CHECK(page.has_value(), "listed");
    std::vector<std::string> ids;
    for (const metadata::Group& group : *page) ids.push_back(group.group_id);
    return ids;
  }

  GroupService service_{{metadata_, topics_, current_}};
};

TEST_F(GroupServiceTest, AnswersTheNewestCommitOfEachPartition) {
  EXPECT_EQ(commit({at("orders", 0, 5)}), "ok");
  EXPECT_THAT(committed(), ElementsAre(5, -1));
  EXPECT_EQ(commit({at("orders", 1, 9), at("orders", 0, 3)}), "ok");
  EXPECT_THAT(committed(), ElementsAre(3, 9)) << "back is allowed: a consumer may rewind";
  EXPECT_THAT(committed("others"), ElementsAre(-1, -1)) << "each group has positions of its own";
}

TEST_F(GroupServiceTest, AnswersEachQuestionInItsPlaceWithMetadataAndTime) {
  ASSERT_EQ(commit({at("orders", 1, 4, "note")}), "ok");
  const auto answers = wait(service_.committed(
      "readers", {at("nowhere", 0, 0), at("orders", 1, 0), at("orders", 99, 0)}));
  ASSERT_TRUE(answers);
  ASSERT_EQ(answers->size(), 3u);
  EXPECT_EQ((*answers)[0].topic, "nowhere");
  EXPECT_EQ((*answers)[0].offset, Offset(-1)) << "no such topic: no position";
  EXPECT_EQ((*answers)[1].offset, Offset(4));
  EXPECT_EQ((*answers)[1].metadata, "note");
  EXPECT_EQ((*answers)[1].committed_ms, tables_.load_group("readers")->offsets[0].committed_ms);
  EXPECT_EQ((*answers)[2].offset, Offset(-1));
}

TEST_F(GroupServiceTest, ATopicThatWasCreatedAgainElsewhereHasNoOffsetsOfTheEarlierOne) {
  const auto first = tables_.create_topic({.name = "theirs", .id = {{9}}});
  ASSERT_TRUE(first);
  ASSERT_EQ(commit({at("theirs", 0, 5), at("orders", 0, 6)}), "ok");
  ASSERT_TRUE(tables_.delete_topic(first->id));
  ASSERT_TRUE(tables_.create_topic({.name = "theirs", .id = {{10}}}));
  ASSERT_EQ(topics_.find("theirs")->no, first->no) << "nobody has told";
  const auto answers = wait(service_.committed("readers", {at("theirs", 0, 0)}));
  ASSERT_TRUE(answers);
  EXPECT_EQ(answers->front().offset, Offset(-1));
  const auto described = wait(service_.describe("readers"));
  ASSERT_TRUE(described);
  ASSERT_EQ(described->offsets.size(), 1u);
  EXPECT_EQ(described->offsets.front().topic, "orders");
}

TEST_F(GroupServiceTest, CommitsAllOrNone) {
  EXPECT_EQ(commit({at("orders", 0, 5), at("orders", 2, 5)}), "partition_not_found");
  EXPECT_EQ(commit({at("orders", 0, 5), at("orders", -1, 5)}), "partition_not_found");
  EXPECT_EQ(commit({at("orders", 0, 5), at("nowhere", 0, 5)}), "topic_not_found");
  EXPECT_EQ(commit({at("orders", 0, 5), at("orders", 1, -1)}), "invalid");
  EXPECT_EQ(commit({at("orders", 0, 5), at(std::string(groups::kOffsetsTopic), 0, 5)}),
            "topic_not_found");
  EXPECT_THAT(committed(), ElementsAre(-1, -1));
  EXPECT_TRUE(listed("", 10).empty()) << "a refused commit makes no group";
}

TEST_F(GroupServiceTest, TakesIdsAndMetadataUpToTheirLimits) {
  const std::size_t most = GroupService::kMetadataBytesMax;
  EXPECT_EQ(commit({at("orders", 0, 1, std::string(most, 'm'))}), "ok");
  EXPECT_EQ(commit({at("orders", 0, 2, std::string(most + 1, 'm'))}), "too_large");
  EXPECT_EQ(commit({at("orders", 0, 1)}, std::string(255, 'g')), "ok");
  EXPECT_EQ(commit({at("orders", 0, 1)}, std::string(256, 'g')), "invalid");
  EXPECT_EQ(commit({at("orders", 0, 1)}, ""), "invalid");
  EXPECT_EQ(commit({at("orders", 0, 1)}, "no text \xff"), "invalid");
  EXPECT_EQ(outcome(wait(service_.ensure(""))), "invalid");
  EXPECT_EQ(outcome(wait(service_.ensure(std::string(256, 'g')))), "invalid");
  EXPECT_THAT(committed(), ElementsAre(1, -1));
}

TEST_F(GroupServiceTest, CreatesAGroupOnceAndForgetsItWithItsOffsets) {
  const auto first = wait(service_.ensure("readers"));
  ASSERT_TRUE(first);
  EXPECT_EQ(first->group_id, "readers");
  EXPECT_EQ(first->state, "Empty");
  ASSERT_EQ(commit({at("orders", 0, 5)}), "ok");
  const auto again = wait(service_.ensure("readers"));
  ASSERT_TRUE(again);
  EXPECT_EQ(again->created_ms, first->created_ms);
  EXPECT_THAT(committed(), ElementsAre(5, -1));
  EXPECT_EQ(outcome(wait(service_.remove("readers"))), "ok");
  EXPECT_EQ(outcome(wait(service_.remove("readers"))), "group_not_found");
  EXPECT_EQ(outcome(wait(service_.describe("readers"))), "group_not_found");
  EXPECT_THAT(committed(), ElementsAre(-1, -1));
  EXPECT_EQ(commit({at("orders", 1, 1)}), "ok") << "the id is free again";
  EXPECT_THAT(committed(), ElementsAre(-1, 1));
}

TEST_F(GroupServiceTest, DescribesOffsetsByNameWithoutThoseOfDeletedTopics) {
  create_topic("gone", 1, metadata::TopicKind::kUser);
  ASSERT_TRUE(wait(topics_.refresh()));
  ASSERT_EQ(commit({at("gone", 0, 1), at("orders", 1, 2), at("orders", 0, 3, "m")}), "ok");
  ASSERT_TRUE(tables_.delete_topic(tables_.get_topic("gone")->id));
  ASSERT_TRUE(wait(topics_.refresh()));
  const auto described = wait(service_.describe("readers"));
  ASSERT_TRUE(described);
  EXPECT_EQ(described->group.group_id, "readers");
  ASSERT_EQ(described->offsets.size(), 2u);
  EXPECT_EQ(described->offsets[0].topic, "orders");
  EXPECT_EQ(described->offsets[0].offset, Offset(3));
  EXPECT_EQ(described->offsets[0].metadata, "m");
  EXPECT_EQ(described->offsets[1].partition, PartitionIndex(1));
}

TEST_F(GroupServiceTest, ListsGroupsById) {
  for (const char* id : {"c", "a", "b"}) ASSERT_TRUE(wait(service_.ensure(id)));
  EXPECT_THAT(listed("", 2), ElementsAre("a", "b"));
  EXPECT_THAT(listed("b", 2), ElementsAre("c"));
}

TEST_F(GroupServiceTest, WritesGroupsWhoseShardIsLedHereAndReadsAllFromTheStore) {
  ASSERT_EQ(commit({at("orders", 0, 5)}), "ok");
  const auto offsets_topic = tables_.get_topic(std::string(groups::kOffsetsTopic));
  ASSERT_TRUE(offsets_topic);
  give_away({offsets_topic->no, groups::shard_of("readers", groups::kOffsetsPartitions)});
  EXPECT_EQ(commit({at("orders", 0, 6)}), "not_leader");
  EXPECT_EQ(outcome(wait(service_.ensure("readers"))), "not_leader");
  EXPECT_EQ(outcome(wait(service_.remove("readers"))), "not_leader");
  EXPECT_THAT(committed(), ElementsAre(5, -1));
  EXPECT_EQ(outcome(wait(service_.describe("readers"))), "ok");
}

TEST_F(GroupServiceTest, IsNotTheLeaderBetweenSessions) {
  current_.set(nullptr);
  EXPECT_EQ(commit({at("orders", 0, 6)}), "not_leader");
  EXPECT_EQ(outcome(wait(service_.committed("readers", {}))), "not_leader");
  EXPECT_EQ(outcome(wait(service_.ensure("readers"))), "not_leader");
  EXPECT_EQ(outcome(wait(service_.list("", 10))), "ok") << "a list is the database's";
}

}  // namespace
}  // namespace streamhouse::service
