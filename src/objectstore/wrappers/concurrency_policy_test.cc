// Goal: a server that is overloaded gets half as much at once, and slowly more when it recovers.
// Method: the policy alone, answer by answer.
#include "objectstore/wrappers/concurrency_policy.h"

#include <gtest/gtest.h>

namespace streamhouse::objectstore {
namespace {

using namespace std::chrono_literals;

constexpr runtime::MonoTime kStart{10s};

TEST(ConcurrencyPolicyTest, BeingThrottledHalvesTheLimitOncePerInterval) {
  ConcurrencyPolicy policy({.limit_first = 32, .limit_min = 2, .halve_interval = 1s});
  for (int i = 0; i < 20; ++i) policy.throttled(kStart + i * 10ms);
  EXPECT_EQ(policy.limit(), 16u) << "those that were under way together count once";
  policy.throttled(kStart + 1s);
  EXPECT_EQ(policy.limit(), 8u);
  EXPECT_EQ(policy.halving_count(), 2u);
}

TEST(ConcurrencyPolicyTest, TheLimitHasBounds) {
  ConcurrencyPolicy policy({.limit_first = 4, .limit_min = 2, .limit_max = 6});
  for (int i = 0; i < 10; ++i) policy.throttled(kStart + i * 1min);
  EXPECT_EQ(policy.limit(), 2u);
  for (int i = 0; i < 1000; ++i) policy.succeeded(policy.limit());
  EXPECT_EQ(policy.limit(), 6u);
}

TEST(ConcurrencyPolicyTest, ALimitsWorthOfSuccessesRaisesItByOne) {
  ConcurrencyPolicy policy({.limit_first = 10});
  for (int i = 0; i < 10; ++i) policy.succeeded(10);
  EXPECT_EQ(policy.limit(), 10u);
  policy.succeeded(10);
  EXPECT_EQ(policy.limit(), 11u);
}

TEST(ConcurrencyPolicyTest, ALimitThatNobodyReachesStays) {
  ConcurrencyPolicy policy({.limit_first = 10});
  for (int i = 0; i < 1000; ++i) policy.succeeded(9);
  EXPECT_EQ(policy.limit(), 10u);
}

}  // namespace
}  // namespace streamhouse::objectstore
