#include "wire/messages/groups/leave_group.h"

namespace streamhouse::wire {

FieldList LeaveGroupRequest::Member::fields() {
  static constexpr Field kFields[] = {
      field<&Member::member_id>("MemberId", "3+"),
      field<&Member::group_instance_id>("GroupInstanceId", "3+", {.nullable = "3+"}),
      field<&Member::reason>("Reason", "5+", {.nullable = "5+"}),
  };
  return kFields;
}

FieldList LeaveGroupRequest::fields() {
  static constexpr Field kFields[] = {
      field<&LeaveGroupRequest::group_id>("GroupId", "0+"),
      field<&LeaveGroupRequest::member_id>("MemberId", "0-2"),
      field<&LeaveGroupRequest::members>("Members", "3+"),
  };
  return kFields;
}

FieldList LeaveGroupResponse::Member::fields() {
  static constexpr Field kFields[] = {
      field<&Member::member_id>("MemberId", "3+"),
      field<&Member::group_instance_id>("GroupInstanceId", "3+", {.nullable = "3+"}),
      field<&Member::error_code>("ErrorCode", "3+"),
  };
  return kFields;
}

FieldList LeaveGroupResponse::fields() {
  static constexpr Field kFields[] = {
      field<&LeaveGroupResponse::throttle_time_ms>("ThrottleTimeMs", "1+"),
      field<&LeaveGroupResponse::error_code>("ErrorCode", "0+"),
      field<&LeaveGroupResponse::members>("Members", "3+"),
  };
  return kFields;
}

}  // namespace streamhouse::wire
