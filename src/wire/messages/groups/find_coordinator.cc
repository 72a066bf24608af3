#include "wire/messages/groups/find_coordinator.h"

namespace streamhouse::wire {

FieldList FindCoordinatorRequest::fields() {
  static constexpr Field kFields[] = {
      field<&FindCoordinatorRequest::key>("Key", "0-3"),
      field<&FindCoordinatorRequest::key_type>("KeyType", "1+"),
      field<&FindCoordinatorRequest::coordinator_keys>("CoordinatorKeys", "4+"),
  };
  return kFields;
}

FieldList FindCoordinatorResponse::Coordinator::fields() {
  static constexpr Field kFields[] = {
      field<&Coordinator::key>("Key", "4+"),
      field<&Coordinator::node_id>("NodeId", "4+"),
      field<&Coordinator::host>("Host", "4+"),
      field<&Coordinator::port>("Port", "4+"),
      field<&Coordinator::error_code>("ErrorCode", "4+"),
      field<&Coordinator::error_message>("ErrorMessage", "4+", {.nullable = "4+"}),
  };
  return kFields;
}

FieldList FindCoordinatorResponse::fields() {
  static constexpr Field kFields[] = {
      field<&FindCoordinatorResponse::throttle_time_ms>("ThrottleTimeMs", "1+"),
      field<&FindCoordinatorResponse::error_code>("ErrorCode", "0-3"),
      field<&FindCoordinatorResponse::error_message>("ErrorMessage", "1-3", {.nullable = "1-3"}),
      field<&FindCoordinatorResponse::node_id>("NodeId", "0-3"),
      field<&FindCoordinatorResponse::host>("Host", "0-3"),
      field<&FindCoordinatorResponse::port>("Port", "0-3"),
      field<&FindCoordinatorResponse::coordinators>("Coordinators", "4+"),
  };
  return kFields;
}

}  // namespace streamhouse::wire
