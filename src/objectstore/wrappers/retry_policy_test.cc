// Goal: retries are bounded by attempts, by time and by the budget, and only what may be cured is
// tried again.
// Method: the policy alone, attempt by attempt.
#include "objectstore/wrappers/retry_policy.h"

#include <gtest/gtest.h>

namespace streamhouse::objectstore {
namespace {

using base::Errc;
using namespace std::chrono_literals;

TEST(RetryPolicyTest, TriesAgainOnlyWhatMayBeCured) {
  RetryPolicy policy({});
  for (const Errc code : {Errc::kThrottled, Errc::kUnavailable, Errc::kUnknownOutcome})
    EXPECT_TRUE(policy.allow({.code = code}, 1ms)) << errc_name(code);
  for (const Errc code : {Errc::kNotFound, Errc::kExists, Errc::kInvalid, Errc::kInvalidOffset,
                          Errc::kCorrupt, Errc::kTooLarge, Errc::kInternal, Errc::kStopped})
    EXPECT_FALSE(policy.allow({.code = code}, 1ms)) << errc_name(code);
}

TEST(RetryPolicyTest, BoundsTheAttempts) {
  RetryPolicy policy({.attempts_max = 3});
  EXPECT_TRUE(policy.allow({.number = 1, .code = Errc::kThrottled}, 1ms));
  EXPECT_TRUE(policy.allow({.number = 2, .code = Errc::kThrottled}, 1ms));
  EXPECT_FALSE(policy.allow({.number = 3, .code = Errc::kThrottled}, 1ms));
}

TEST(RetryPolicyTest, BoundsTheTimeWithTheDelayInIt) {
  RetryPolicy policy({.time_max = 1s});
  EXPECT_TRUE(policy.allow({.elapsed = 900ms, .code = Errc::kUnavailable}, 100ms));
  EXPECT_FALSE(policy.allow({.elapsed = 900ms, .code = Errc::kUnavailable}, 101ms));
}

TEST(RetryPolicyTest, TheBudgetIsSpentByRetriesAndEarnedByCalls) {
  RetryPolicy policy({.budget_per_call = 0.5, .budget_max = 2});
  const RetryPolicy::Attempt failed{.code = Errc::kUnavailable};
  EXPECT_TRUE(policy.allow(failed, 1ms));
  EXPECT_TRUE(policy.allow(failed, 1ms));
  EXPECT_FALSE(policy.allow(failed, 1ms));
  policy.begin_call();
  EXPECT_FALSE(policy.allow(failed, 1ms));
  policy.begin_call();
  EXPECT_TRUE(policy.allow(failed, 1ms));
  for (int i = 0; i < 100; ++i) policy.begin_call();
  EXPECT_TRUE(policy.allow(failed, 1ms));
  EXPECT_TRUE(policy.allow(failed, 1ms));
  EXPECT_FALSE(policy.allow(failed, 1ms)) << "savings are bounded";
}

TEST(RetryPolicyTest, WhatIsRefusedCostsNothing) {
  RetryPolicy policy({.attempts_max = 2, .budget_per_call = 0, .budget_max = 1});
  EXPECT_FALSE(policy.allow({.number = 2, .code = Errc::kUnavailable}, 1ms));
  EXPECT_FALSE(policy.allow({.number = 1, .code = Errc::kNotFound}, 1ms));
  EXPECT_TRUE(policy.allow({.number = 1, .code = Errc::kUnavailable}, 1ms));
}

}  // namespace
}  // namespace streamhouse::objectstore
