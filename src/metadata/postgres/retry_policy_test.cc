// Goal: what lost or broke is tried again for a bounded time, and an outcome that stayed open is
// never given out as a definite one.
// Method: the policy alone, failure by failure.
#include "metadata/postgres/retry_policy.h"

#include <gtest/gtest.h>

namespace streamhouse::metadata::postgres {
namespace {

using base::Errc;

base::Error error(Errc code) { return base::make_error(code, "why"); }

/// How often a call is made that fails at once each time, its pauses taken in full.
int attempts(RetryPolicy& policy, Failure failure) {
  int attempts = 1;
  runtime::Duration elapsed(0);
  while (const auto pause = policy.next(failure, elapsed)) {
    elapsed += *pause;
    ++attempts;
  }
  return attempts;
}

std::optional<runtime::Duration> next(RetryPolicy& policy, Failure failure) {
  return policy.next(failure, runtime::Duration(0));
}

TEST(RetryPolicyTest, AnAnswerThatARepetitionWouldGetAgainIsPassedOn) {
  RetryPolicy policy(Operation::kAppend);
  EXPECT_FALSE(next(policy, Failure::kNone));
  EXPECT_EQ(policy.settle(error(Errc::kFenced)).code, Errc::kFenced);
}

TEST(RetryPolicyTest, ALostTransactionIsTriedAgainWithLongerAndLongerPauses) {
  RetryPolicy policy(Operation::kCreateTopic);
  const auto first = next(policy, Failure::kConflict);
  const auto second = next(policy, Failure::kConflict);
  ASSERT_TRUE(first && second);
  EXPECT_LT(*first, *second);
  EXPECT_GT(attempts(policy, Failure::kConflict), 20);
  EXPECT_FALSE(policy.next(Failure::kConflict, std::chrono::seconds(10))) << "not for ever";
  EXPECT_EQ(policy.settle(error(Errc::kUnavailable)).code, Errc::kUnavailable);
}

TEST(RetryPolicyTest, ABrokenConnectionIsReplacedOnceAndAtOnce) {
  RetryPolicy policy(Operation::kListTopics);
  EXPECT_EQ(next(policy, Failure::kLost), runtime::Duration(0));
  EXPECT_FALSE(next(policy, Failure::kLost));
  EXPECT_EQ(policy.settle(error(Errc::kUnavailable)).code, Errc::kUnavailable);
}

TEST(RetryPolicyTest, AnOpenOutcomeIsAskedForAgainAndStaysOpenIfNobodyTells) {
  RetryPolicy policy(Operation::kCommitOffsets);
  EXPECT_EQ(next(policy, Failure::kUnknown), runtime::Duration(0));
  EXPECT_GT(attempts(policy, Failure::kLost), 4);
  for (const Errc code : {Errc::kUnavailable, Errc::kFenced, Errc::kConflict})
    EXPECT_EQ(policy.settle(error(code)).code, Errc::kUnknownOutcome);
}

TEST(RetryPolicyTest, ARepeatedAppendTellsWhatBecameOfTheFirst) {
  RetryPolicy policy(Operation::kAppend);
  ASSERT_TRUE(next(policy, Failure::kUnknown));
  EXPECT_EQ(policy.settle(error(Errc::kFenced)).code, Errc::kFenced);
  EXPECT_EQ(policy.settle(error(Errc::kRegressed)).code, Errc::kRegressed);
  EXPECT_EQ(policy.settle(error(Errc::kUnavailable)).code, Errc::kUnknownOutcome);
}

TEST(RetryPolicyTest, WhatWouldAnswerDifferentlyTheSecondTimeIsNotRepeated) {
  for (const Operation operation :
       {Operation::kOpenSession, Operation::kRecoverPartitions, Operation::kExpireOffsets}) {
    RetryPolicy policy(operation);
    EXPECT_TRUE(next(policy, Failure::kLost)) << "nothing was applied";
    EXPECT_FALSE(next(policy, Failure::kUnknown)) << info(operation).name;
    EXPECT_EQ(policy.settle(error(Errc::kUnavailable)).code, Errc::kUnknownOutcome);
  }
}

}  // namespace
}  // namespace streamhouse::metadata::postgres
