#include "kafka/error_code.h"

namespace streamhouse::kafka {

using base::Errc;
using wire::ErrorCode;

ErrorCode error_code(const base::Error& error, ErrorAbout about) {
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

Refusal refuse(base::Error error, ErrorAbout about) {
  return {.code = error_code(error, about),
          .text = std::move(error.text),
          .leader = std::move(error.leader)};
}

}  // namespace streamhouse::kafka
