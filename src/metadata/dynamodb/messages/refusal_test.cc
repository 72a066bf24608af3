// Goal: every refusal means the right thing: what was not applied for certain, what may have been,
// what an operator sets right. Method: the service's documented errors, one by one.
#include "metadata/dynamodb/messages/refusal.h"

#include <gtest/gtest.h>

namespace streamhouse::metadata::dynamodb {
namespace {

using base::Errc;

Verdict judged(const std::string& type, Effect effect = Effect::kWrite, int status = 400) {
  return judge({.status = status, .type = type}, effect, "PutItem at host");
}

Verdict cancelled(std::vector<std::string> reasons) {
  return judge(
      {.status = 400, .type = "TransactionCanceledException", .reasons = std::move(reasons)},
      Effect::kWrite, "TransactWriteItems at host");
}

TEST(DynamodbRefusalTest, AConditionThatDidNotHoldOrAFasterTransactionIsALoss) {
  for (const char* type : {"ConditionalCheckFailedException", "TransactionConflictException"})
    EXPECT_EQ(judged(type).failure, Failure::kLost) << type;
  EXPECT_EQ(cancelled({"None", "ConditionalCheckFailed"}).failure, Failure::kLost);
  EXPECT_EQ(cancelled({"TransactionConflict", "None"}).failure, Failure::kLost);
  EXPECT_EQ(cancelled({"ThrottlingError", "ConditionalCheckFailed"}).failure, Failure::kLost)
      << "the same request would not pass later either";
}

TEST(DynamodbRefusalTest, OnlyWhereNoConditionFailedAnotherTransactionWasInTheWay) {
  const auto outrun = [](std::vector<std::string> reasons) {
    return was_outrun({.type = "TransactionCanceledException", .reasons = std::move(reasons)});
  };
  EXPECT_TRUE(outrun({"None", "TransactionConflict"}));
  EXPECT_FALSE(outrun({"TransactionConflict", "ConditionalCheckFailed"}));
  EXPECT_FALSE(outrun({"ThrottlingError"}));
  EXPECT_TRUE(was_outrun({.type = "TransactionConflictException"}));
  EXPECT_TRUE(was_outrun({.type = "ReplicatedWriteConflictException"}));
  EXPECT_FALSE(was_outrun({.type = "ConditionalCheckFailedException"}));
}

TEST(DynamodbRefusalTest, ThrottlingIsNotAppliedAndMayPassLater) {
  for (const char* type :
       {"ProvisionedThroughputExceededException", "ThrottlingException", "RequestLimitExceeded"}) {
    EXPECT_EQ(judged(type).failure, Failure::kThrottled) << type;
    EXPECT_EQ(judged(type).error.code, Errc::kThrottled) << type;
  }
  EXPECT_EQ(cancelled({"None", "ThrottlingError"}).failure, Failure::kThrottled);
  EXPECT_EQ(cancelled({"ProvisionedThroughputExceeded"}).failure, Failure::kThrottled);
}

TEST(DynamodbRefusalTest, AFailureInsideMayHaveAppliedAWriteButNoRead) {
  for (const int status : {500, 503}) {
    EXPECT_EQ(judged("InternalServerError", Effect::kWrite, status).failure, Failure::kUnknown);
    EXPECT_EQ(judged("", Effect::kWrite, status).error.code, Errc::kUnknownOutcome);
    EXPECT_EQ(judged("InternalServerError", Effect::kRead, status).failure, Failure::kDown);
    EXPECT_EQ(judged("", Effect::kRead, status).error.code, Errc::kUnavailable);
  }
  EXPECT_EQ(judged("TransactionInProgressException").failure, Failure::kUnknown);
}

TEST(DynamodbRefusalTest, WhatIsTooLargeSaysSo) {
  const auto code = [](const std::string& message) {
    return judge({.status = 400, .type = "ValidationException", .message = message}, Effect::kWrite,
                 "PutItem at host")
        .error.code;
  };
  EXPECT_EQ(code("Item size has exceeded the maximum allowed size"), Errc::kTooLarge);
  EXPECT_EQ(code("Item size to update has exceeded the maximum allowed size"), Errc::kTooLarge);
  EXPECT_EQ(code("One or more parameter values were invalid"), Errc::kInternal);
}

TEST(DynamodbRefusalTest, WhatAnOperatorSetsRightIsUnavailableMeanwhileAndNamedAtTheStart) {
  for (const char* type : {"AccessDeniedException", "UnrecognizedClientException",
                           "InvalidSignatureException", "ExpiredTokenException"}) {
    EXPECT_EQ(judged(type).error.code, Errc::kUnavailable) << type;
    EXPECT_FALSE(mistake({.type = type}, "table t at http://h").empty()) << type;
  }
  EXPECT_EQ(judged("ResourceNotFoundException").error.code, Errc::kUnavailable);
  const Refusal skewed{.type = "InvalidSignatureException", .message = "Signature expired: ..."};
  EXPECT_TRUE(mistake(skewed, "t").contains("clock"));
  const Refusal wrong{.type = "InvalidSignatureException", .message = "does not match"};
  EXPECT_TRUE(mistake(wrong, "t").contains("secret"));
  EXPECT_TRUE(mistake({.type = "ThrottlingException"}, "t").empty());
  EXPECT_TRUE(concerns_credentials({.type = "ExpiredTokenException"}));
  EXPECT_FALSE(concerns_credentials({.type = "AccessDeniedException"}));
}

struct Documented {
  const char* type;
  int status;
  Failure of_write;
  Errc code_of_write;
};

/// The errors of the service's reference that calls of ours may meet, and what a write knows then.
constexpr Documented kDocumented[] = {
    {"AccessDeniedException", 400, Failure::kNone, Errc::kUnavailable},
    {"ConditionalCheckFailedException", 400, Failure::kLost, Errc::kConflict},
    {"ExpiredTokenException", 400, Failure::kNone, Errc::kUnavailable},
    {"IdempotentParameterMismatchException", 400, Failure::kNone, Errc::kInternal},
    {"IncompleteSignatureException", 400, Failure::kNone, Errc::kUnavailable},
    {"InternalServerError", 500, Failure::kUnknown, Errc::kUnknownOutcome},
    {"InvalidSignatureException", 400, Failure::kNone, Errc::kUnavailable},
    {"LimitExceededException", 400, Failure::kThrottled, Errc::kThrottled},
    {"MissingAuthenticationTokenException", 400, Failure::kNone, Errc::kUnavailable},
    {"ProvisionedThroughputExceededException", 400, Failure::kThrottled, Errc::kThrottled},
    {"ReplicatedWriteConflictException", 400, Failure::kLost, Errc::kConflict},
    {"RequestLimitExceeded", 400, Failure::kThrottled, Errc::kThrottled},
    {"ResourceInUseException", 400, Failure::kNone, Errc::kUnavailable},
    {"ResourceNotFoundException", 400, Failure::kNone, Errc::kUnavailable},
    {"SerializationException", 400, Failure::kNone, Errc::kInternal},
    {"ServiceUnavailable", 503, Failure::kUnknown, Errc::kUnknownOutcome},
    {"ThrottlingException", 400, Failure::kThrottled, Errc::kThrottled},
    {"TransactionConflictException", 400, Failure::kLost, Errc::kConflict},
    {"TransactionInProgressException", 400, Failure::kUnknown, Errc::kUnknownOutcome},
    {"UnrecognizedClientException", 400, Failure::kNone, Errc::kUnavailable},
    {"ValidationException", 400, Failure::kNone, Errc::kInternal},
};

TEST(DynamodbRefusalTest, EveryDocumentedErrorHasItsMeaning) {
  for (const Documented& one : kDocumented) {
    const Verdict verdict = judged(one.type, Effect::kWrite, one.status);
    EXPECT_EQ(verdict.failure, one.of_write) << one.type;
    EXPECT_EQ(verdict.error.code, one.code_of_write) << one.type;
    EXPECT_TRUE(verdict.error.text.contains(one.type));
    EXPECT_TRUE(verdict.error.text.contains("PutItem at host")) << "says what was tried";
  }
}

TEST(DynamodbRefusalTest, ARefusalThatNobodyHasHeardOfStopsNothingForGood) {
  for (const char* type : {"", "RegionDisabledException", "KMSAccessDeniedException", "Moved"})
    for (const int status : {301, 400, 403, 404, 407, 421}) {
      const Verdict verdict = judged(type, Effect::kWrite, status);
      EXPECT_EQ(verdict.error.code, Errc::kUnavailable) << type << " " << status;
      EXPECT_EQ(verdict.failure, Failure::kNone) << "not applied";
    }
  EXPECT_EQ(cancelled({"AccessDenied", "None"}).error.code, Errc::kUnavailable);
  EXPECT_EQ(cancelled({"None", "DuplicateItem"}).error.code, Errc::kInternal);
  EXPECT_EQ(cancelled({"ValidationError"}).error.code, Errc::kInternal);
}

TEST(DynamodbRefusalTest, ReasonsOfACancelledTransactionAreWeighed) {
  struct Cancelled {
    std::vector<std::string> reasons;
    Failure failure;
  };
  const std::vector<Cancelled> list = {
      {{"None", "None", "TransactionConflict"}, Failure::kLost},
      {{"ThrottlingError", "TransactionConflict"}, Failure::kLost},
      {{"ProvisionedThroughputExceeded", "None"}, Failure::kThrottled},
      {{"ItemCollectionSizeLimitExceeded"}, Failure::kNone},
      {{"ValidationError"}, Failure::kNone},
      {{"DuplicateItem"}, Failure::kNone},
      {{}, Failure::kNone},
  };
  for (const Cancelled& one : list)
    EXPECT_EQ(cancelled(one.reasons).failure, one.failure) << testing::PrintToString(one.reasons);
  EXPECT_EQ(cancelled({"ItemCollectionSizeLimitExceeded"}).error.code, Errc::kTooLarge);
}

TEST(DynamodbRefusalTest, AnAnswerOfSomethingInBetweenIsJudgedByItsStatus) {
  EXPECT_EQ(judged("", Effect::kWrite, 429).failure, Failure::kThrottled);
  EXPECT_EQ(judged("", Effect::kWrite, 413).error.code, Errc::kTooLarge);
  EXPECT_EQ(judged("", Effect::kWrite, 502).failure, Failure::kUnknown);
  EXPECT_EQ(judged("", Effect::kRead, 504).failure, Failure::kDown);
  EXPECT_EQ(judged("", Effect::kWrite, 404).failure, Failure::kNone);
  EXPECT_TRUE(mistake({.status = 404}, "t").empty());
}

TEST(DynamodbRefusalTest, AKeyThatIsTooLongSaysSoInATransactionToo) {
  const std::string message = "... range primary key values must be under 1024 bytes";
  for (const char* type : {"ValidationException", "TransactionCanceledException"}) {
    Refusal refusal{.status = 400, .type = type, .message = message};
    if (refusal.type != "ValidationException") refusal.reasons = {"None", "ValidationError"};
    EXPECT_EQ(judge(refusal, Effect::kWrite, "").error.code, Errc::kTooLarge) << type;
  }
}

TEST(DynamodbRefusalTest, MistakesAreToldApart) {
  const auto said = [](const std::string& type, const std::string& message = "") {
    return mistake({.status = 400, .type = type, .message = message}, "table t");
  };
  EXPECT_TRUE(said("InvalidClientTokenId").contains("access key is not known"));
  EXPECT_TRUE(said("MissingAuthenticationTokenException").contains("no access key"));
  EXPECT_TRUE(said("ExpiredToken").contains("session token"));
  EXPECT_TRUE(said("InvalidSignatureException", "... not yet current").contains("clock"));
  EXPECT_TRUE(said("InvalidSignatureException", "Credential should be scoped to a valid region")
                  .contains("region"));
  EXPECT_TRUE(said("AccessDeniedException").contains("may not do this"));
  EXPECT_TRUE(said("SubscriptionRequiredException").contains("account"));
  EXPECT_TRUE(said("InternalServerError").empty());
}

}  // namespace
}  // namespace streamhouse::metadata::dynamodb
