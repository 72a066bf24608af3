// Goal: what the server says is taken for what it means, and an outcome that is not known is never
// taken for a definite one.
// Method: refusals by their state, in both phases of a call.
#include "metadata/postgres/driver/postgres_error.h"

#include <gtest/gtest.h>

namespace streamhouse::metadata::postgres {
namespace {

using base::Errc;

Verdict verdict(const std::string& state, Phase phase, bool ended = false) {
  return judge({.state = state, .text = "why", .ended_connection = ended}, phase, "db");
}

TEST(PostgresErrorTest, WhoLostHasLostInEitherPhase) {
  for (const Phase phase : {Phase::kStatement, Phase::kCommit})
    for (const char* const state : {"40001", "40P01"}) {
      EXPECT_EQ(verdict(state, phase).failure, Failure::kConflict) << state;
      EXPECT_EQ(verdict(state, phase).error.code, Errc::kUnavailable) << state;
    }
}

TEST(PostgresErrorTest, ACommitThatMayBeOnOneServerAloneIsOpen) {
  const Verdict verdict = judge({.state = "01000", .text = "gave up"}, Phase::kCommit, "there");
  EXPECT_EQ(verdict.error.code, Errc::kUnknownOutcome);
  EXPECT_EQ(verdict.failure, Failure::kUnknown);
}

TEST(PostgresErrorTest, WhatIsNotKnownIsSaidToBeOpen) {
  EXPECT_EQ(verdict("40003", Phase::kStatement).error.code, Errc::kUnknownOutcome);
  EXPECT_EQ(verdict("40003", Phase::kCommit).failure, Failure::kUnknown);
  EXPECT_EQ(verdict("", Phase::kCommit, true).error.code, Errc::kUnknownOutcome);
  EXPECT_EQ(verdict("57P01", Phase::kCommit, true).failure, Failure::kUnknown);
  EXPECT_EQ(verdict("57014", Phase::kCommit).error.code, Errc::kUnknownOutcome) << "cancelled";
}

TEST(PostgresErrorTest, BeforeTheCommitNothingIsOpen) {
  EXPECT_EQ(verdict("", Phase::kStatement, true).failure, Failure::kLost);
  EXPECT_EQ(verdict("57P01", Phase::kStatement, true).failure, Failure::kLost);
  EXPECT_EQ(verdict("57014", Phase::kStatement).error.code, Errc::kUnavailable);
  EXPECT_EQ(verdict("57014", Phase::kStatement).failure, Failure::kNone);
}

TEST(PostgresErrorTest, RefusalsHaveTheProjectsNames) {
  EXPECT_EQ(verdict("22021", Phase::kStatement).error.code, Errc::kInvalid);
  EXPECT_EQ(verdict("28P01", Phase::kStatement).error.code, Errc::kInvalid);
  EXPECT_EQ(verdict("53300", Phase::kStatement).error.code, Errc::kUnavailable);
  EXPECT_EQ(verdict("54000", Phase::kStatement).error.code, Errc::kTooLarge);
  EXPECT_EQ(verdict("XX001", Phase::kStatement).error.code, Errc::kCorrupt);
  EXPECT_EQ(verdict("42601", Phase::kStatement).error.code, Errc::kInternal);
  EXPECT_EQ(verdict("53300", Phase::kStatement).error.text,
            "db: the server is at a bound (why, code 53300)");
}

TEST(PostgresErrorTest, TheStateIsFoundInTheMessageOfARefusedConnection) {
  EXPECT_EQ(state_in_message("connection to server failed: FATAL:  28P01: password"), "28P01");
  EXPECT_EQ(state_in_message("FATAL:  no state: here"), "");
  EXPECT_EQ(state_in_message(""), "");
}

}  // namespace
}  // namespace streamhouse::metadata::postgres
