#include "base/error.h"

namespace streamhouse::base {

std::string_view errc_name(Errc code) {
  switch (code) {
    case Errc::kTopicNotFound:
      return "topic_not_found";
    case Errc::kPartitionNotFound:
      return "partition_not_found";
    case Errc::kGroupNotFound:
      return "group_not_found";
    case Errc::kNotFound:
      return "not_found";
    case Errc::kTopicExists:
      return "topic_exists";
    case Errc::kExists:
      return "exists";
    case Errc::kInvalid:
      return "invalid";
    case Errc::kInvalidOffset:
      return "invalid_offset";
    case Errc::kInvalidTimestamp:
      return "invalid_timestamp";
    case Errc::kConflict:
      return "conflict";
    case Errc::kFenced:
      return "fenced";
    case Errc::kRegressed:
      return "regressed";
    case Errc::kNotLeader:
      return "not_leader";
    case Errc::kThrottled:
      return "throttled";
    case Errc::kTooLarge:
      return "too_large";
    case Errc::kUnavailable:
      return "unavailable";
    case Errc::kUnknownOutcome:
      return "unknown_outcome";
    case Errc::kCorrupt:
      return "corrupt";
    case Errc::kOutOfOrderSequence:
      return "out_of_order_sequence";
    case Errc::kProducerFenced:
      return "producer_fenced";
    case Errc::kUnsupported:
      return "unsupported";
    case Errc::kStopped:
      return "stopped";
    case Errc::kInternal:
      return "internal";
  }
  return "internal";
}

Retry retryability(Errc code) {
  switch (code) {
    case Errc::kThrottled:
    case Errc::kUnavailable:
    case Errc::kUnknownOutcome:
      return Retry::kAfterBackoff;
    case Errc::kNotLeader:
    case Errc::kFenced:
    case Errc::kStopped:
    case Errc::kConflict:
      return Retry::kAfterRefresh;
    case Errc::kTopicNotFound:
    case Errc::kPartitionNotFound:
    case Errc::kGroupNotFound:
    case Errc::kNotFound:
    case Errc::kTopicExists:
    case Errc::kExists:
    case Errc::kInvalid:
    case Errc::kInvalidOffset:
    case Errc::kInvalidTimestamp:
    case Errc::kRegressed:
    case Errc::kTooLarge:
    case Errc::kCorrupt:
    case Errc::kOutOfOrderSequence:
    case Errc::kProducerFenced:
    case Errc::kUnsupported:
    case Errc::kInternal:
      return Retry::kNever;
  }
  return Retry::kNever;
}

std::string to_string(const Error& error) {
  return std::string(errc_name(error.code)) + ": " + error.text;
}

}  // namespace streamhouse::base
