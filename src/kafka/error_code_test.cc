// Goal: clients are told what docs/errors.md says. Method: the table is read from the page; where
// it names two codes, they are tried by hand.

#include "kafka/error_code.h"

#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <regex>

namespace streamhouse::kafka {
namespace {

using base::Errc;
using wire::ErrorCode;

/// The first code in the last column, by the name of ours.
std::map<std::string, int> documented_codes() {
  std::ifstream page(SH_ERRORS_PAGE);
  std::map<std::string, int> codes;
  const std::regex row(R"(^\| `(\w+)` \|.*\| (-?\d+) [A-Z_]+[^|]*\|$)");
  std::smatch found;
  for (std::string line; std::getline(page, line);) {
    if (std::regex_match(line, found, row)) codes[found[1]] = std::stoi(found[2]);
  }
  return codes;
}

TEST(ErrorCodeTest, EveryErrorHasTheCodeOfItsPage) {
  const auto documented = documented_codes();
  int count = 0;
  for (auto code = Errc::kTopicNotFound; code <= Errc::kInternal;
       code = static_cast<Errc>(static_cast<int>(code) + 1)) {
    const std::string name(base::errc_name(code));
    ASSERT_TRUE(documented.contains(name)) << name;
    const bool of_records = code == Errc::kCorrupt;
    const auto about = of_records ? ErrorAbout::kProducedRecords : ErrorAbout::kRequest;
    EXPECT_EQ(static_cast<int>(error_code({.code = code}, about)), documented.at(name)) << name;
    ++count;
  }
  EXPECT_EQ(documented.size(), static_cast<std::size_t>(count)) << "a row too many";
}

TEST(ErrorCodeTest, WhatAnErrorIsAboutCounts) {
  const auto code = [](Errc error, ErrorAbout about) { return error_code({.code = error}, about); };
  constexpr auto kRecords = ErrorAbout::kProducedRecords;
  EXPECT_EQ(code(Errc::kInvalid, kRecords), ErrorCode::kInvalidRecord);
  EXPECT_EQ(code(Errc::kCorrupt, ErrorAbout::kRequest), ErrorCode::kKafkaStorageError);
  EXPECT_EQ(code(Errc::kThrottled, kRecords), ErrorCode::kNotEnoughReplicas);
  EXPECT_EQ(code(Errc::kUnsupported, kRecords), ErrorCode::kUnsupportedCompressionType);
  EXPECT_EQ(code(Errc::kTopicNotFound, ErrorAbout::kTopicId), ErrorCode::kUnknownTopicId);
  for (const Errc passing : {Errc::kThrottled, Errc::kUnavailable, Errc::kUnknownOutcome})
    EXPECT_EQ(code(passing, ErrorAbout::kFetchedRecords), ErrorCode::kKafkaStorageError);
}

TEST(ErrorCodeTest, ARefusalKeepsTheTextAndTheLeader) {
  const Refusal refusal =
      refuse({.code = Errc::kNotLeader, .text = "orders-1: not led here", .leader = "h:9090"});
  EXPECT_EQ(refusal.code, ErrorCode::kNotLeaderOrFollower);
  EXPECT_EQ(refusal.text, "orders-1: not led here");
  EXPECT_EQ(refusal.leader, "h:9090");
}

TEST(ErrorCodeTest, CoordinatorsHaveCodesOfTheirOwn) {
  const auto code = [](Errc error) { return error_code({.code = error}, ErrorAbout::kGroup); };
  for (const Errc moved : {Errc::kNotLeader, Errc::kFenced, Errc::kConflict, Errc::kStopped})
    EXPECT_EQ(code(moved), ErrorCode::kNotCoordinator);
  for (const Errc later : {Errc::kUnavailable, Errc::kThrottled})
    EXPECT_EQ(code(later), ErrorCode::kCoordinatorNotAvailable);
  EXPECT_EQ(code(Errc::kInvalid), ErrorCode::kInvalidGroupId);
  EXPECT_EQ(code(Errc::kGroupNotFound), ErrorCode::kGroupIdNotFound);
  EXPECT_EQ(code(Errc::kPartitionNotFound), ErrorCode::kUnknownTopicOrPartition);
  EXPECT_EQ(code(Errc::kCorrupt), ErrorCode::kKafkaStorageError) << "nobody tries that again";
}

TEST(ErrorCodeTest, WhatCannotBeKnownNowOfATopicIsAskedForAgain) {
  using enum Errc;
  const auto code = [](Errc errc) {
    return error_code(base::make_error(errc, "x"), ErrorAbout::kTopicMetadata);
  };
  for (const Errc later : {kUnavailable, kThrottled, kUnknownOutcome, kConflict, kNotLeader})
    EXPECT_EQ(code(later), ErrorCode::kLeaderNotAvailable) << base::errc_name(later);
  EXPECT_EQ(code(kTopicNotFound), ErrorCode::kUnknownTopicOrPartition);
  EXPECT_EQ(code(kInvalid), ErrorCode::kInvalidRequest);
}

TEST(ErrorCodeTest, WhatAGroupSaysHasACodeEach) {
  using enum groups::MembershipError;
  std::map<ErrorCode, groups::MembershipError> codes;
  for (auto error = kNone; error <= kCannotBeWritten;
       error = static_cast<groups::MembershipError>(static_cast<int>(error) + 1)) {
    EXPECT_TRUE(codes.emplace(error_code(error), error).second) << static_cast<int>(error);
    EXPECT_EQ(error_code(base::Result<groups::MembershipError>(error)), error_code(error));
  }
  EXPECT_EQ(codes.at(ErrorCode::kNone), kNone);
  EXPECT_EQ(codes.at(ErrorCode::kUnknownMemberId), kUnknownMember);
  EXPECT_EQ(codes.at(ErrorCode::kRebalanceInProgress), kRebalanceInProgress);
  EXPECT_EQ(codes.at(ErrorCode::kFencedInstanceId), kFencedInstance);
  const base::Result<groups::MembershipError> nobody = base::make_error(Errc::kNotLeader, "x");
  EXPECT_EQ(error_code(nobody), ErrorCode::kNotCoordinator);
}

}  // namespace
}  // namespace streamhouse::kafka
