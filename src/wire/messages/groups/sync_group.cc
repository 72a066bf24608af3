#include "wire/messages/groups/sync_group.h"

namespace streamhouse::wire {

FieldList SyncGroupRequest::Assignment::fields() {
  static constexpr Field kFields[] = {
      field<&Assignment::member_id>("MemberId", "0+"),
      field<&Assignment::assignment>("Assignment", "0+"),
  };
  return kFields;
}

FieldList SyncGroupRequest::fields() {
  static constexpr Field kFields[] = {
      field<&SyncGroupRequest::group_id>("GroupId", "0+"),
      field<&SyncGroupRequest::generation_id>("GenerationId", "0+"),
      field<&SyncGroupRequest::member_id>("MemberId", "0+"),
      field<&SyncGroupRequest::group_instance_id>("GroupInstanceId", "3+", {.nullable = "3+"}),
      field<&SyncGroupRequest::protocol_type>("ProtocolType", "5+", {.nullable = "5+"}),
      field<&SyncGroupRequest::protocol_name>("ProtocolName", "5+", {.nullable = "5+"}),
      field<&SyncGroupRequest::assignments>("Assignments", "0+"),
  };
  return kFields;
}

FieldList SyncGroupResponse::fields() {
  static constexpr Field kFields[] = {
      field<&SyncGroupResponse::throttle_time_ms>("ThrottleTimeMs", "1+"),
      field<&SyncGroupResponse::error_code>("ErrorCode", "0+"),
      field<&SyncGroupResponse::protocol_type>("ProtocolType", "5+", {.nullable = "5+"}),
      field<&SyncGroupResponse::protocol_name>("ProtocolName", "5+", {.nullable = "5+"}),
      field<&SyncGroupResponse::assignment>("Assignment", "0+"),
  };
  return kFields;
}

}  // namespace streamhouse::wire
