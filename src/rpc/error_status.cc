#include "rpc/error_status.h"

#include <string>

namespace streamhouse::rpc {

PublicError public_error(base::Errc code) {
  using base::Errc;
  switch (code) {
    case Errc::kTopicNotFound:
      return {grpc::StatusCode::NOT_FOUND, "topic_not_found"};
    case Errc::kPartitionNotFound:
      return {grpc::StatusCode::NOT_FOUND, "partition_not_found"};
    case Errc::kGroupNotFound:
      return {grpc::StatusCode::NOT_FOUND, "group_not_found"};
    case Errc::kNotFound:
      return {grpc::StatusCode::NOT_FOUND, "not_found"};
    case Errc::kTopicExists:
      return {grpc::StatusCode::ALREADY_EXISTS, "topic_exists"};
    case Errc::kInvalid:
    case Errc::kInvalidTimestamp:
    case Errc::kOutOfOrderSequence:
    case Errc::kUnsupported:
      return {grpc::StatusCode::INVALID_ARGUMENT, "invalid"};
    case Errc::kInvalidOffset:
      return {grpc::StatusCode::OUT_OF_RANGE, "invalid_offset"};
    case Errc::kConflict:
    case Errc::kProducerFenced:
      return {grpc::StatusCode::ABORTED, "conflict"};
    case Errc::kNotLeader:
    case Errc::kFenced:
      return {grpc::StatusCode::FAILED_PRECONDITION, "not_leader"};
    case Errc::kThrottled:
      return {grpc::StatusCode::RESOURCE_EXHAUSTED, "throttled"};
    case Errc::kTooLarge:
      return {grpc::StatusCode::RESOURCE_EXHAUSTED, "too_large"};
    case Errc::kUnavailable:
    case Errc::kStopped:
      return {grpc::StatusCode::UNAVAILABLE, "unavailable"};
    case Errc::kUnknownOutcome:
      return {grpc::StatusCode::DEADLINE_EXCEEDED, "unknown_outcome"};
    case Errc::kCorrupt:
    case Errc::kRegressed:
      return {grpc::StatusCode::DATA_LOSS, "corrupt"};
    case Errc::kExists:
    case Errc::kInternal:
      return {grpc::StatusCode::INTERNAL, "internal"};
  }
  return {grpc::StatusCode::INTERNAL, "internal"};
}

grpc::Status to_status(const base::Status& outcome, grpc::ServerContextBase& context) {
  if (outcome) return grpc::Status::OK;
  const base::Error& error = outcome.error();
  const PublicError seen = public_error(error.code);
  context.AddTrailingMetadata("streamhouse-error", std::string(seen.code));
  if (!error.leader.empty()) context.AddTrailingMetadata("streamhouse-leader", error.leader);
  return {seen.status, error.text};
}

}  // namespace streamhouse::rpc
