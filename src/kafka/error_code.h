#pragma once
/// \file  Errors of ours as Kafka's codes: the table of docs/errors.md; and a group's refusals.

#include "base/error.h"
#include "groups/membership/membership.h"
#include "wire/error_code.h"

namespace streamhouse::kafka {

/// What an error is about, where the code depends on it.
enum class ErrorAbout : std::uint8_t {
  kRequest,
  kProducedRecords,
  kFetchedRecords,
  kTopicId,        ///< A topic was asked for by its id.
  kTopicMetadata,  ///< What there is, and who leads it.
  kGroup,          ///< What a group's coordinator was asked to do.
};

wire::ErrorCode error_code(const base::Error& error, ErrorAbout about = ErrorAbout::kRequest);

/// What a group says to a member.
wire::ErrorCode error_code(groups::MembershipError error);
/// The same, or why the group could not be asked.
wire::ErrorCode error_code(const base::Result<groups::MembershipError>& answer);

/// What a client is told of something that was not done.
struct Refusal {
  wire::ErrorCode code;
  std::string text;
  std::string leader = {};  ///< gRPC address, with kNotLeaderOrFollower where it is known.
};
Refusal refuse(base::Error error, ErrorAbout about = ErrorAbout::kRequest);

}  // namespace streamhouse::kafka
