#include "wire/messages/groups/join_group.h"

namespace streamhouse::wire {

FieldList JoinGroupRequest::Protocol::fields() {
  static constexpr Field kFields[] = {
      field<&Protocol::name>("Name", "0+"),
      field<&Protocol::metadata>("Metadata", "0+"),
  };
  return kFields;
}

FieldList JoinGroupRequest::fields() {
  static constexpr Field kFields[] = {
      field<&JoinGroupRequest::group_id>("GroupId", "0+"),
      field<&JoinGroupRequest::session_timeout_ms>("SessionTimeoutMs", "0+"),
      field<&JoinGroupRequest::rebalance_timeout_ms>("RebalanceTimeoutMs", "1+"),
      field<&JoinGroupRequest::member_id>("MemberId", "0+"),
      field<&JoinGroupRequest::group_instance_id>("GroupInstanceId", "5+", {.nullable = "5+"}),
      field<&JoinGroupRequest::protocol_type>("ProtocolType", "0+"),
      field<&JoinGroupRequest::protocols>("Protocols", "0+"),
      field<&JoinGroupRequest::reason>("Reason", "8+", {.nullable = "8+"}),
  };
  return kFields;
}

FieldList JoinGroupResponse::Member::fields() {
  static constexpr Field kFields[] = {
      field<&Member::member_id>("MemberId", "0+"),
      field<&Member::group_instance_id>("GroupInstanceId", "5+", {.nullable = "5+"}),
      field<&Member::metadata>("Metadata", "0+"),
  };
  return kFields;
}

FieldList JoinGroupResponse::fields() {
  static constexpr Field kFields[] = {
      field<&JoinGroupResponse::throttle_time_ms>("ThrottleTimeMs", "2+"),
      field<&JoinGroupResponse::error_code>("ErrorCode", "0+"),
      field<&JoinGroupResponse::generation_id>("GenerationId", "0+"),
      field<&JoinGroupResponse::protocol_type>("ProtocolType", "7+", {.nullable = "7+"}),
      field<&JoinGroupResponse::protocol_name>("ProtocolName", "0+", {.nullable = "7+"}),
      field<&JoinGroupResponse::leader>("Leader", "0+"),
      field<&JoinGroupResponse::skip_assignment>("SkipAssignment", "9+"),
      field<&JoinGroupResponse::member_id>("MemberId", "0+"),
      field<&JoinGroupResponse::members>("Members", "0+"),
  };
  return kFields;
}

}  // namespace streamhouse::wire
