// Goal: pauses double up to their greatest, no attempt begins after the time of a request, and only
// what a repetition may mend is repeated. Method: failures and times one by one.
#include "metadata/dynamodb/driver/retry_policy.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace streamhouse::metadata::dynamodb {
namespace {

using base::Errc;
using namespace std::chrono_literals;

TEST(DynamodbRetryPolicyTest, PausesDoubleUpToTheGreatest) {
  RetryPolicy policy({.time_max = 60s, .pause_first = 20ms, .pause_max = 1s});
  for (const auto expected : {20ms, 40ms, 80ms, 160ms, 320ms, 640ms, 1000ms, 1000ms})
    EXPECT_EQ(policy.next(Failure::kThrottled, 0s), runtime::Duration(expected));
}

TEST(DynamodbRetryPolicyTest, EveryFailureThatMayPassCountsForTheSamePauses) {
  RetryPolicy policy({.time_max = 60s, .pause_first = 20ms, .pause_max = 1s});
  EXPECT_EQ(policy.next(Failure::kThrottled, 0s), runtime::Duration(20ms));
  EXPECT_EQ(policy.next(Failure::kDown, 0s), runtime::Duration(40ms));
  EXPECT_EQ(policy.next(Failure::kUnknown, 0s), runtime::Duration(80ms));
}

TEST(DynamodbRetryPolicyTest, TheLastAttemptBeginsWhenTheTimeIsOverAndNotLater) {
  const RetryPolicy::Options options{.time_max = 8s, .pause_first = 20ms};
  EXPECT_TRUE(RetryPolicy(options).next(Failure::kDown, 8s - 20ms));
  EXPECT_FALSE(RetryPolicy(options).next(Failure::kDown, 8s - 19ms));
  EXPECT_FALSE(RetryPolicy(options).next(Failure::kDown, 9s));
  const RetryPolicy::Options never{.time_max = 0s};
  EXPECT_FALSE(RetryPolicy(never).next(Failure::kThrottled, 0s));
}

TEST(DynamodbRetryPolicyTest, AFirstPauseAboveTheGreatestIsTakenOnce) {
  RetryPolicy policy({.time_max = 60s, .pause_first = 5s, .pause_max = 1s});
  EXPECT_EQ(policy.next(Failure::kDown, 0s), runtime::Duration(5s));
  EXPECT_EQ(policy.next(Failure::kDown, 0s), runtime::Duration(1s));
}

TEST(DynamodbRetryPolicyTest, AnOutcomeIsOpenAlsoIfItIsTheLastAttemptsOrTheTimeIsOver) {
  RetryPolicy policy({.time_max = 1s});
  EXPECT_FALSE(policy.next(Failure::kUnknown, 2s));
  const base::Error settled = policy.settle(base::make_error(Errc::kUnknownOutcome, "reset"));
  EXPECT_EQ(settled.code, Errc::kUnknownOutcome);
  EXPECT_TRUE(settled.text.contains("reset")) << "the newest error is still said";
}

TEST(DynamodbRetryPolicyTest, ADefiniteErrorIsAnsweredAsItIs) {
  for (const Failure failure :
       {Failure::kNone, Failure::kLost, Failure::kThrottled, Failure::kDown}) {
    RetryPolicy policy({});
    EXPECT_EQ(policy.next(failure, 0s).has_value(),
              failure == Failure::kThrottled || failure == Failure::kDown);
    const base::Error settled = policy.settle(base::make_error(Errc::kTooLarge, "an item"));
    EXPECT_EQ(settled.code, Errc::kTooLarge);
    EXPECT_EQ(settled.text, "an item");
  }
}

TEST(DynamodbRetryPolicyTest, WhatARepetitionWouldMeetAgainIsNotRepeated) {
  RetryPolicy policy({});
  EXPECT_FALSE(policy.next(Failure::kNone, 0s));
  EXPECT_FALSE(policy.next(Failure::kLost, 0s));
}

TEST(DynamodbRetryPolicyTest, PausesGrowUpToTheTimeThatACallMayTake) {
  RetryPolicy policy({.time_max = 8s});
  runtime::Duration elapsed{0};
  runtime::Duration longest{0};
  int attempts = 1;
  while (const auto pause = policy.next(Failure::kThrottled, elapsed)) {
    longest = std::max(longest, *pause);
    elapsed += *pause;
    ++attempts;
  }
  EXPECT_GE(attempts, 8);
  EXPECT_LE(attempts, 40);
  EXPECT_LE(elapsed, 8s);
  EXPECT_LE(longest, 1s);
  EXPECT_EQ(policy.settle(base::make_error(Errc::kThrottled, "")).code, Errc::kThrottled);
}

TEST(DynamodbRetryPolicyTest, AnOutcomeThatStayedOpenIsNeverGivenOutAsDefinite) {
  RetryPolicy policy({});
  EXPECT_TRUE(policy.next(Failure::kUnknown, 0s));
  EXPECT_TRUE(policy.next(Failure::kThrottled, 1s));
  for (const Errc last : {Errc::kThrottled, Errc::kUnavailable, Errc::kInternal})
    EXPECT_EQ(policy.settle(base::make_error(last, "")).code, Errc::kUnknownOutcome);
}

}  // namespace
}  // namespace streamhouse::metadata::dynamodb
