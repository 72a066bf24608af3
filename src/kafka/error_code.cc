#include "kafka/error_code.h"

#include <optional>

namespace streamhouse::kafka {

using base::Errc;
using wire::ErrorCode;

namespace {

/// Where coordinators have codes of their own: clients then look for the coordinator again, and
/// repeat.
std::optional<ErrorCode> code_of_group(Errc code) {
  using enum Errc;
  if (code == kConflict || code == kFenced || code == kNotLeader || code == kStopped)
    return ErrorCode::kNotCoordinator;
  if (code == kThrottled || code == kUnavailable) return ErrorCode::kCoordinatorNotAvailable;
  if (code == kInvalid) return ErrorCode::kInvalidGroupId;
  return std::nullopt;
}

/// Java's consumers end at any code that a Fetch of Kafka's has not; after this one they look for
/// the leader again, and repeat.
std::optional<ErrorCode> code_of_fetch(Errc code) {
  using enum Errc;
  if (code == kThrottled || code == kUnavailable || code == kUnknownOutcome)
    return ErrorCode::kKafkaStorageError;
  return std::nullopt;
}

/// After any other code than this one a client takes a topic whose metadata cannot be had now for
/// one that never can.
std::optional<ErrorCode> code_of_metadata(Errc code) {
  using enum Errc;
  const bool passes = code == kThrottled || code == kUnavailable || code == kUnknownOutcome ||
                      code == kConflict || code == kFenced || code == kNotLeader ||
                      code == kStopped;
  return passes ? std::optional(ErrorCode::kLeaderNotAvailable) : std::nullopt;
}

std::optional<ErrorCode> own_code(Errc code, ErrorAbout about) {
  switch (about) {
    case ErrorAbout::kFetchedRecords:
      return code_of_fetch(code);
    case ErrorAbout::kTopicMetadata:
      return code_of_metadata(code);
    case ErrorAbout::kGroup:
      return code_of_group(code);
    case ErrorAbout::kRequest:
    case ErrorAbout::kProducedRecords:
    case ErrorAbout::kTopicId:
      return std::nullopt;
  }
  return std::nullopt;
}

}  // namespace

ErrorCode error_code(const base::Error& error, ErrorAbout about) {
  if (const auto code = own_code(error.code, about)) return *code;
  const bool records = about == ErrorAbout::kProducedRecords;
  switch (error.code) {
    case Errc::kTopicNotFound:
      return about == ErrorAbout::kTopicId ? ErrorCode::kUnknownTopicId
                                           : ErrorCode::kUnknownTopicOrPartition;
    case Errc::kPartitionNotFound:
      return ErrorCode::kUnknownTopicOrPartition;
    case Errc::kGroupNotFound:
      return ErrorCode::kGroupIdNotFound;
    case Errc::kNotFound:
      return ErrorCode::kResourceNotFound;
    case Errc::kTopicExists:
      return ErrorCode::kTopicAlreadyExists;
    case Errc::kInvalid:
      return records ? ErrorCode::kInvalidRecord : ErrorCode::kInvalidRequest;
    case Errc::kInvalidOffset:
      return ErrorCode::kOffsetOutOfRange;
    case Errc::kInvalidTimestamp:
      return ErrorCode::kInvalidTimestamp;
    case Errc::kConflict:
    case Errc::kFenced:
    case Errc::kNotLeader:
    case Errc::kStopped:
      return ErrorCode::kNotLeaderOrFollower;
    case Errc::kRegressed:
      return ErrorCode::kKafkaStorageError;
    case Errc::kThrottled:
      return records ? ErrorCode::kNotEnoughReplicas : ErrorCode::kThrottlingQuotaExceeded;
    case Errc::kTooLarge:
      return ErrorCode::kMessageTooLarge;
    case Errc::kUnavailable:
      return ErrorCode::kNotEnoughReplicas;
    case Errc::kUnknownOutcome:
      return ErrorCode::kRequestTimedOut;
    case Errc::kCorrupt:
      return records ? ErrorCode::kCorruptMessage : ErrorCode::kKafkaStorageError;
    case Errc::kOutOfOrderSequence:
      return ErrorCode::kOutOfOrderSequenceNumber;
    case Errc::kProducerFenced:
      return ErrorCode::kInvalidProducerEpoch;
    case Errc::kUnsupported:
      return records ? ErrorCode::kUnsupportedCompressionType : ErrorCode::kUnsupportedVersion;
    case Errc::kExists:
    case Errc::kInternal:
      return ErrorCode::kUnknownServerError;
  }
  return ErrorCode::kUnknownServerError;
}

ErrorCode error_code(groups::MembershipError error) {
  using enum groups::MembershipError;
  switch (error) {
    case kNone:
      return ErrorCode::kNone;
    case kUnknownMember:
      return ErrorCode::kUnknownMemberId;
    case kMemberIdRequired:
      return ErrorCode::kMemberIdRequired;
    case kIllegalGeneration:
      return ErrorCode::kIllegalGeneration;
    case kRebalanceInProgress:
      return ErrorCode::kRebalanceInProgress;
    case kFencedInstance:
      return ErrorCode::kFencedInstanceId;
    case kInconsistentProtocol:
      return ErrorCode::kInconsistentGroupProtocol;
    case kInvalidSessionTimeout:
      return ErrorCode::kInvalidSessionTimeout;
    case kGroupFull:
      return ErrorCode::kGroupMaxSizeReached;
    case kNotCoordinator:
      return ErrorCode::kNotCoordinator;
    case kCannotBeWritten:
      return ErrorCode::kUnknownServerError;
  }
  return ErrorCode::kUnknownServerError;
}

ErrorCode error_code(const base::Result<groups::MembershipError>& answer) {
  return answer ? error_code(*answer) : error_code(answer.error(), ErrorAbout::kGroup);
}

Refusal refuse(base::Error error, ErrorAbout about) {
  return {.code = error_code(error, about),
          .text = std::move(error.text),
          .leader = std::move(error.leader)};
}

}  // namespace streamhouse::kafka
