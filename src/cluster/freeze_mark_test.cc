// Goal: a declared loss is there for everybody until it is taken away, whatever answers were lost.
// Method: marks of two agents over one in-memory database, with faults on the way there.

#include "cluster/freeze_mark.h"

#include "tests/core/cluster_world.h"

namespace streamhouse::cluster {
namespace {

using base::Errc;

class FreezeMarkTest : public core_testing::ClusterWorld {
 protected:
  Process& a_ = start("a");
  Process& b_ = start("b");
  FreezeMark of_a_{a_.metadata};
  FreezeMark of_b_{b_.metadata};
};

TEST_F(FreezeMarkTest, IsSeenByEverybodyUntilItIsCleared) {
  EXPECT_TRUE(wait(b_, of_b_.check()));
  ASSERT_TRUE(wait(a_, of_a_.set("row 7 is gone")));
  for (int i = 0; i < 2; ++i) {
    const auto frozen = wait(b_, of_b_.check());
    ASSERT_FALSE(frozen);
    EXPECT_EQ(frozen.error().code, Errc::kRegressed);
    EXPECT_NE(frozen.error().text.find("row 7 is gone"), std::string::npos) << frozen.error().text;
  }
  ASSERT_TRUE(wait(b_, of_b_.clear()));
  EXPECT_TRUE(wait(a_, of_a_.check()));
  EXPECT_TRUE(wait(b_, of_b_.clear())) << "there is none";
}

TEST_F(FreezeMarkTest, TheFirstStaysAndARepeatIsSuccess) {
  ASSERT_TRUE(wait(a_, of_a_.set("first")));
  ASSERT_TRUE(wait(b_, of_b_.set("second")));
  ASSERT_TRUE(wait(a_, of_a_.set("first")));
  EXPECT_NE(wait(b_, of_b_.check()).error().text.find("first"), std::string::npos);
}

TEST_F(FreezeMarkTest, AStoreThatDoesNotAnswerIsNoAnswer) {
  a_.metadata_faults.set_rates({.refused = 1});
  EXPECT_EQ(wait(a_, of_a_.check()).error().code, Errc::kUnavailable);
  EXPECT_EQ(wait(a_, of_a_.set("x")).error().code, Errc::kUnavailable);
  EXPECT_TRUE(wait(b_, of_b_.check()));
}

}  // namespace
}  // namespace streamhouse::cluster
