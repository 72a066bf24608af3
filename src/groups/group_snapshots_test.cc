// Goal: the object store has the groups of every shard as the database had them at most an interval
// ago, whoever leads the shard, and nothing older. Method: a coordinator over the in-memory
// database, another that takes over; a store with faults.

#include "groups/group_snapshots.h"

#include <gmock/gmock.h>

#include "metadata/archive/archive_object.h"
#include "segment/object_key.h"
#include "tests/groups/group_world.h"

namespace streamhouse::groups {
namespace {

using core_testing::seconds;
using objectstore::StoreOperation;
using test::GroupWorld;
using testing::ElementsAre;
using testing::IsEmpty;

class GroupSnapshotsTest : public GroupWorld {
 protected:
  void SetUp() override {
    GroupWorld::SetUp();
    coordinator_ = std::make_unique<GroupCoordinator>(
        GroupCoordinator::Ports{agent_, metadata_, partitions_, &snapshots()}, session_.id(),
        topic_, GroupConfig{}, group_);
  }
  GroupSnapshots& snapshots() {
    if (!snapshots_) snapshots_ = make_snapshots(partitions_);
    return *snapshots_;
  }
  std::unique_ptr<GroupSnapshots> make_snapshots(partition::PartitionTable& led) {
    return std::make_unique<GroupSnapshots>(GroupSnapshots::Ports{agent_, metadata_, objects_, led},
                                            topic_, seconds(60), group_);
  }
  std::string round() { return outcome(wait(snapshots().round())); }

  std::string key_of(std::int32_t epoch, std::int64_t number) {
    return segment::to_key(segment::GroupsKey{
        .shard = shard("readers").partition, .epoch = model::LeaderEpoch(epoch), .number = number});
  }
  /// What a stored object says of the groups: "readers 0=10".
  std::vector<std::string> content(const std::string& key) {
    const auto rows = metadata::unpack_rows(key, *stored_.peek(key));
    SH_CHECK(rows.has_value(), "an archive");
    std::map<std::string, std::string> groups;
    for (const metadata::ArchiveRow& row : *rows) {
      if (const auto* group = std::get_if<metadata::Group>(&row)) {
        groups[group->group_id];
        EXPECT_EQ(*group, tables_.load_group(group->group_id)->group);
      }
      if (const auto* stored = std::get_if<metadata::StoredOffset>(&row)) {
        groups.at(stored->group_id) += " " + std::to_string(stored->offset.key.partition.value()) +
                                       "=" + std::to_string(stored->offset.offset.value());
      }
    }
    std::vector<std::string> shown;
    for (const auto& [id, offsets] : groups) shown.push_back(id + offsets);
    return shown;
  }

  std::unique_ptr<GroupSnapshots> snapshots_;
};

TEST_F(GroupSnapshotsTest, AShardThatChangesIsStoredOnceAnInterval) {
  group_.spawn(snapshots().run());
  EXPECT_EQ(commit("readers", 0, 10), "ok");
  EXPECT_EQ(commit("readers", 1, 5), "ok");
  run(seconds(59));
  EXPECT_THAT(stored_.keys(), IsEmpty());
  run(seconds(2));
  EXPECT_THAT(stored_.keys(), ElementsAre(key_of(1, 1)));
  EXPECT_THAT(content(key_of(1, 1)), ElementsAre("readers 0=10 1=5"));
  run(seconds(600));
  EXPECT_THAT(stored_.keys(), ElementsAre(key_of(1, 1))) << "nothing has changed";
  EXPECT_EQ(commit("readers", 0, 20), "ok");
  run(seconds(60));
  EXPECT_THAT(stored_.keys(), ElementsAre(key_of(1, 2)));
  EXPECT_THAT(content(key_of(1, 2)), ElementsAre("readers 0=20 1=5"));
}

TEST_F(GroupSnapshotsTest, EachShardHasItsOwn) {
  ASSERT_NE(shard("readers"), shard("others"));
  EXPECT_EQ(commit("readers", 0, 10), "ok");
  EXPECT_EQ(commit("others", 0, 30), "ok");
  EXPECT_EQ(round(), "ok");
  EXPECT_EQ(stored_.keys().size(), 2u);
  EXPECT_THAT(content(key_of(1, 1)), ElementsAre("readers 0=10"));
  EXPECT_EQ(commit("others", 0, 31), "ok");
  EXPECT_EQ(round(), "ok");
  EXPECT_THAT(stored_.keys(), testing::Contains(key_of(1, 1))) << "not stored again";
}

TEST_F(GroupSnapshotsTest, ShardsWithoutGroupsHaveNone) {
  EXPECT_EQ(round(), "ok");
  EXPECT_THAT(stored_.keys(), IsEmpty());
}

TEST_F(GroupSnapshotsTest, ADeletedGroupIsNotInTheNext) {
  EXPECT_EQ(commit("readers", 0, 10), "ok");
  EXPECT_EQ(round(), "ok");
  ASSERT_TRUE(wait(coordinator_->remove("readers")));
  EXPECT_EQ(round(), "ok");
  EXPECT_THAT(stored_.keys(), ElementsAre(key_of(1, 2)));
  EXPECT_THAT(content(key_of(1, 2)), IsEmpty());
}

TEST_F(GroupSnapshotsTest, WhatIsWrittenWhileItIsStoredIsInTheNext) {
  EXPECT_EQ(commit("readers", 0, 10), "ok");
  faults_.set_rates(StoreOperation::kPut, {.stalled = 1});
  const auto first = begin(snapshots().round());
  run(core_testing::milliseconds(1));
  EXPECT_EQ(outcome(first), "pending");
  EXPECT_EQ(commit("readers", 0, 20), "ok");
  faults_.stop();
  run(seconds(600));
  ASSERT_NE(outcome(first), "pending");
  EXPECT_EQ(round(), "ok");
  EXPECT_THAT(stored_.keys(), ElementsAre(key_of(1, 2)));
  EXPECT_THAT(content(key_of(1, 2)), ElementsAre("readers 0=20"));
}

TEST_F(GroupSnapshotsTest, TheNextLeaderStoresWhatTheOneBeforeHasLeft) {
  EXPECT_EQ(commit("readers", 0, 10), "ok");
  EXPECT_EQ(round(), "ok");
  EXPECT_EQ(commit("readers", 0, 20), "ok");
  take_over("readers");
  const auto next = make_snapshots(other_partitions_);
  EXPECT_EQ(outcome(wait(next->round())), "ok");
  EXPECT_THAT(stored_.keys(), ElementsAre(key_of(3, 1)));
  EXPECT_THAT(content(key_of(3, 1)), ElementsAre("readers 0=20"));
  EXPECT_EQ(round(), "ok") << "of the former leader, who does not know";
  EXPECT_EQ(stored_.keys().back(), key_of(3, 1));
}

TEST_F(GroupSnapshotsTest, AGroupThatAppearsAfterTheyWereListedIsInTheNext) {
  metadata::MetadataFaults faults(world_, 3);
  metadata::FaultMetadataStore database(metadata_, agent_, faults);
  GroupSnapshots snapshots({agent_, database, objects_, partitions_}, topic_, seconds(60), group_);
  coordinator_ = std::make_unique<GroupCoordinator>(
      GroupCoordinator::Ports{agent_, metadata_, partitions_, &snapshots}, session_.id(), topic_,
      GroupConfig{}, group_);
  std::string neighbour = "z";
  while (shard(neighbour) != shard("readers")) neighbour += "z";
  EXPECT_EQ(commit("readers", 0, 10), "ok");
  faults.hold(metadata::Operation::kLoadGroup);
  const auto first = begin(snapshots.round());
  run(core_testing::milliseconds(100));
  ASSERT_EQ(outcome(first), "pending");
  EXPECT_EQ(commit(neighbour, 0, 7), "ok");
  faults.release();
  run(seconds(1));
  ASSERT_EQ(outcome(first), "ok");
  EXPECT_THAT(content(key_of(1, 1)), ElementsAre("readers 0=10"));
  EXPECT_EQ(outcome(wait(snapshots.round())), "ok");
  EXPECT_THAT(content(key_of(1, 2)), ElementsAre("readers 0=10", neighbour + " 0=7"));
}

TEST_F(GroupSnapshotsTest, WhatIsNewerStays) {
  ASSERT_TRUE(wait(stored_.put(key_of(0, 9), {})));
  ASSERT_TRUE(wait(stored_.put(key_of(2, 5), {})));
  EXPECT_EQ(commit("readers", 0, 10), "ok");
  EXPECT_EQ(round(), "ok");
  EXPECT_THAT(stored_.keys(), ElementsAre(key_of(1, 1), key_of(2, 5)));
  EXPECT_EQ(commit("readers", 0, 20), "ok");
  EXPECT_EQ(round(), "ok");
  EXPECT_THAT(stored_.keys(), ElementsAre(key_of(1, 2), key_of(2, 5)));
}

TEST_F(GroupSnapshotsTest, WhatFailsIsDoneInTheNextRound) {
  EXPECT_EQ(commit("readers", 0, 10), "ok");
  for (const StoreOperation operation : {StoreOperation::kList, StoreOperation::kPut}) {
    faults_.set_rates(operation, {.refused = 1});
    EXPECT_EQ(round(), "unavailable");
    faults_.stop();
  }
  EXPECT_THAT(stored_.keys(), IsEmpty());
  EXPECT_EQ(round(), "ok");
  EXPECT_THAT(stored_.keys(), ElementsAre(key_of(1, 2)));
  EXPECT_EQ(commit("readers", 0, 20), "ok");
  faults_.set_rates(StoreOperation::kDelete, {.refused = 1});
  EXPECT_EQ(round(), "unavailable");
  EXPECT_THAT(stored_.keys(), ElementsAre(key_of(1, 2), key_of(1, 3)));
  faults_.stop();
  EXPECT_EQ(round(), "ok");
  EXPECT_THAT(stored_.keys(), ElementsAre(key_of(1, 4)));
}

TEST_F(GroupSnapshotsTest, TheLoopSaysWhatFailed) {
  group_.spawn(snapshots().run());
  EXPECT_EQ(commit("readers", 0, 10), "ok");
  faults_.set_rates(StoreOperation::kPut, {.refused = 1});
  run(seconds(61));
  ASSERT_TRUE(snapshots().trouble());
  EXPECT_EQ(snapshots().trouble()->code, base::Errc::kUnavailable);
  faults_.stop();
  run(seconds(60));
  EXPECT_FALSE(snapshots().trouble());
}

TEST_F(GroupSnapshotsTest, AShardThatIsTooLargeIsRefusedByItsGroup) {
  std::vector<metadata::CommittedOffset> offsets;
  for (const std::int32_t partition : {0, 1}) {
    offsets.push_back(
        {.key = key(partition), .metadata = std::string(GroupSnapshots::kBytesMax / 2, 'x')});
  }
  ASSERT_TRUE(tables_.commit_offsets(guard("readers"), "readers", 1, offsets));
  EXPECT_EQ(commit("others", 0, 30), "ok");
  const auto refused = wait(snapshots().round());
  ASSERT_EQ(outcome(refused), "too_large");
  EXPECT_THAT(refused.error().text, testing::HasSubstr("group readers"));
  EXPECT_EQ(stored_.keys().size(), 1u) << "the others' shard";
}

}  // namespace
}  // namespace streamhouse::groups
