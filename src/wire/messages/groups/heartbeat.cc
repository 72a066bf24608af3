#include "wire/messages/groups/heartbeat.h"

namespace streamhouse::wire {

FieldList HeartbeatRequest::fields() {
  static constexpr Field kFields[] = {
      field<&HeartbeatRequest::group_id>("GroupId", "0+"),
      field<&HeartbeatRequest::generation_id>("GenerationId", "0+"),
      field<&HeartbeatRequest::member_id>("MemberId", "0+"),
      field<&HeartbeatRequest::group_instance_id>("GroupInstanceId", "3+", {.nullable = "3+"}),
  };
  return kFields;
}

FieldList HeartbeatResponse::fields() {
  static constexpr Field kFields[] = {
      field<&HeartbeatResponse::throttle_time_ms>("ThrottleTimeMs", "1+"),
      field<&HeartbeatResponse::error_code>("ErrorCode", "0+"),
  };
  return kFields;
}

}  // namespace streamhouse::wire
