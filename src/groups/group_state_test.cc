// Goal: writes of one group follow one another in the order in which they were asked for.
// Method: callers that come at the very moment the turn is given on, which the scheduler mixes.

#include "groups/group_state.h"

#include "tests/core/session_world.h"
#include "tests/groups/membership_world.h"

namespace streamhouse::groups {
namespace {

using core_testing::milliseconds;

class GroupStateTest : public core_testing::SessionWorld {
 protected:
  runtime::Task<base::Status> write(std::string name) {
    co_await state_.take_turn();
    order_ += name;
    co_await agent_.yield();
    state_.give_turn();
    co_return base::Status{};
  }

  runtime::Task<base::Status> take() {
    co_await state_.take_turn();
    co_return base::Status{};
  }

  GroupState state_{agent_, "readers", {.epoch = model::LeaderEpoch(1)}};
  std::string order_;
};

TEST_F(GroupStateTest, ACallThatComesAsTheTurnIsFreedWaitsBehindThoseThatWaited) {
  for (int round = 0; round < 50; ++round) {
    order_.clear();
    ASSERT_TRUE(wait(take()));
    const auto second = begin(write("second "));
    run(milliseconds(1));
    state_.give_turn();
    const auto third = begin(write("third "));
    run(milliseconds(1));
    ASSERT_EQ(order_, "second third ") << "round " << round;
    EXPECT_FALSE(state_.busy());
  }
}

TEST_F(GroupStateTest, IsThereFromItsFirstCommitToItsDeletion) {
  ASSERT_TRUE(state_.load(std::nullopt, {}));
  EXPECT_FALSE(state_.exists());
  state_.committed(3);
  EXPECT_TRUE(state_.exists());
  EXPECT_EQ(state_.group().state, "Empty");
  state_.deleted();
  EXPECT_FALSE(state_.exists());
  EXPECT_TRUE(state_.loaded());
}

TEST_F(GroupStateTest, DoesNotLoadMembersThatCannotBeRead) {
  const base::Bytes damaged = base::Bytes(std::string("garbage"));
  const auto loaded =
      state_.load(metadata::Group{.group_id = "readers", .commit_no = 3, .members = damaged}, {});
  EXPECT_EQ(outcome(loaded), "corrupt");
  EXPECT_NE(loaded.error().text.find("'readers'"), std::string::npos) << loaded.error().text;
  EXPECT_FALSE(state_.loaded());
}

TEST_F(GroupStateTest, CallsThatWaitEndWhenItIsForgotten) {
  ASSERT_TRUE(state_.load(std::nullopt, {}));
  const auto wait = state_.members()->join(ClientId{1}, test::MembershipWorld::request(""), "a");
  const auto join = begin(wait.take());  // does not outlive `wait`
  EXPECT_TRUE(state_.has_live_members());
  run(milliseconds(1));
  EXPECT_EQ(outcome(join), "pending");
  state_.forget();
  run(milliseconds(1));
  EXPECT_EQ(outcome(join), "not_leader");
  EXPECT_FALSE(state_.loaded());
  EXPECT_FALSE(state_.has_live_members());
}

}  // namespace
}  // namespace streamhouse::groups
