// Goal: what lost or broke is tried again for a bounded time, and an outcome that stayed open is
// never given out as a definite one.
// Method: the policy alone, failure by failure.
#include "metadata/postgres/retry_policy.h"

#include <gtest/gtest.h>

namespace streamhouse::metadata::postgres {
namespace {

using base::Errc;

base::Error error(Errc code) { return base::make_error(code, "why"); }

int attempts(RetryPolicy& policy, Failure failure) {
  int attempts = 1;
  while (policy.next(failure)) ++attempts;
  return attempts;
}

TEST(RetryPolicyTest, AnAnswerThatARepetitionWouldGetAgainIsPassedOn) {
  RetryPolicy policy(Operation::kAppend);
  EXPECT_FALSE(policy.next(Failure::kNone));
  EXPECT_EQ(policy.settle(error(Errc::kFenced)).code, Errc::kFenced);
}

TEST(RetryPolicyTest, ALostTransactionIsTriedAgainWithLongerAndLongerPauses) {
  RetryPolicy policy(Operation::kCreateTopic);
  const auto first = policy.next(Failure::kConflict);
  const auto second = policy.next(Failure::kConflict);
  ASSERT_TRUE(first && second);
  EXPECT_LT(*first, *second);
  EXPECT_LE(attempts(policy, Failure::kConflict), 20);
  EXPECT_EQ(policy.settle(error(Errc::kUnavailable)).code, Errc::kUnavailable);
}

TEST(RetryPolicyTest, ABrokenConnectionIsReplacedOnceAndAtOnce) {
  RetryPolicy policy(Operation::kListTopics);
  EXPECT_EQ(policy.next(Failure::kLost), runtime::Duration(0));
  EXPECT_FALSE(policy.next(Failure::kLost));
  EXPECT_EQ(policy.settle(error(Errc::kUnavailable)).code, Errc::kUnavailable);
}

TEST(RetryPolicyTest, AnOpenOutcomeIsAskedForAgainAndStaysOpenIfNobodyTells) {
  RetryPolicy policy(Operation::kCommitOffsets);
  EXPECT_EQ(policy.next(Failure::kUnknown), runtime::Duration(0));
  EXPECT_GT(attempts(policy, Failure::kLost), 4);
  for (const Errc code : {Errc::kUnavailable, Errc::kFenced, Errc::kConflict})
    EXPECT_EQ(policy.settle(error(code)).code, Errc::kUnknownOutcome);
}

TEST(RetryPolicyTest, ARepeatedAppendTellsWhatBecameOfTheFirst) {
  RetryPolicy policy(Operation::kAppend);
  ASSERT_TRUE(policy.next(Failure::kUnknown));
  EXPECT_EQ(policy.settle(error(Errc::kFenced)).code, Errc::kFenced);
  EXPECT_EQ(policy.settle(error(Errc::kRegressed)).code, Errc::kRegressed);
  EXPECT_EQ(policy.settle(error(Errc::kUnavailable)).code, Errc::kUnknownOutcome);
}

TEST(RetryPolicyTest, WhatWouldAnswerDifferentlyTheSecondTimeIsNotRepeated) {
  for (const Operation operation :
       {Operation::kOpenSession, Operation::kRecoverPartitions, Operation::kExpireOffsets}) {
    RetryPolicy policy(operation);
    EXPECT_TRUE(policy.next(Failure::kLost)) << "nothing was applied";
    EXPECT_FALSE(policy.next(Failure::kUnknown)) << info(operation).name;
    EXPECT_EQ(policy.settle(error(Errc::kUnavailable)).code, Errc::kUnknownOutcome);
  }
}

}  // namespace
}  // namespace streamhouse::metadata::postgres
