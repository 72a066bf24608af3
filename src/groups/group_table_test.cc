// Goal: what is in memory of a group is what its present lease knows, groups with members stay, and
// nothing is answered once the table is closed. Method: states by hand, in simulated time.

#include "groups/group_table.h"

#include "tests/groups/group_world.h"

namespace streamhouse::groups {
namespace {

using core_testing::milliseconds;

class GroupTableTest : public test::GroupWorld {
 protected:
  State state(const std::string& group) {
    const auto found = table_->state_of(group);
    SH_CHECK(found.has_value(), "coordinated here");
    return *found;
  }
  void SetUp() override {
    GroupWorld::SetUp();
    table_ = std::make_unique<GroupTable>(agent_, partitions_, session_.id(), topic_);
  }

  std::unique_ptr<GroupTable> table_;
};

TEST_F(GroupTableTest, AStateIsThatOfThePresentLease) {
  const State first = state("readers");
  EXPECT_EQ(state("readers"), first);
  EXPECT_TRUE(table_->is_current(first));
  EXPECT_EQ(first->guard().shard, shard("readers"));
  partitions_.remove(shard("readers"));
  EXPECT_FALSE(table_->is_current(first));
  EXPECT_EQ(outcome(table_->state_of("readers")), "not_leader");
  auto row = *tables_.get_partition(shard("readers"));
  row.epoch = model::LeaderEpoch(row.epoch.value() + 2);
  lead(partitions_, row);
  const State second = state("readers");
  EXPECT_NE(second, first);
  EXPECT_EQ(second->guard().epoch, row.epoch);
  EXPECT_FALSE(table_->is_current(first));
}

TEST_F(GroupTableTest, CallsOfAnEarlierLeaseEndWhenTheNextOneIsMadeUseOf) {
  const State first = state("readers");
  ASSERT_TRUE(first->load(std::nullopt, {}));
  const auto wait = first->members()->join(kClient, request(), "a");
  const auto join = begin(wait.take());
  auto row = *tables_.get_partition(shard("readers"));
  partitions_.remove(shard("readers"));
  row.epoch = model::LeaderEpoch(row.epoch.value() + 2);
  lead(partitions_, row);
  run(milliseconds(1));
  EXPECT_EQ(outcome(join), "pending");
  EXPECT_FALSE(state("readers")->loaded());
  run(milliseconds(1));
  EXPECT_EQ(outcome(join), "not_leader");
}

TEST_F(GroupTableTest, GroupsWithMembersStayInMemoryHoweverManyOthersAreUsed) {
  const State members = state("readers");
  ASSERT_TRUE(members->load(std::nullopt, {}));
  const auto wait = members->members()->join(kClient, request(), "a");
  const auto join = begin(wait.take());
  const State idle = state("idle");
  for (std::size_t i = 0; i < GroupTable::kGroupsMax + 10; ++i) state("group " + std::to_string(i));
  EXPECT_LE(table_->size(), GroupTable::kGroupsMax + 1);
  EXPECT_TRUE(table_->is_current(members));
  EXPECT_FALSE(table_->is_current(idle));
}

TEST_F(GroupTableTest, ForgetsEverythingWhenItIsClosed) {
  const State first = state("readers");
  ASSERT_TRUE(first->load(std::nullopt, {}));
  table_->close();
  EXPECT_FALSE(first->loaded());
  EXPECT_EQ(table_->find("readers"), nullptr);
  EXPECT_EQ(outcome(table_->state_of("readers")), "not_leader");
  EXPECT_EQ(outcome(table_->guard_of("readers")), "not_leader");
}

}  // namespace
}  // namespace streamhouse::groups
