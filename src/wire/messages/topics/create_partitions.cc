#include "wire/messages/topics/create_partitions.h"

namespace streamhouse::wire {

FieldList CreatePartitionsRequest::Assignment::fields() {
  static constexpr Field kFields[] = {
      field<&Assignment::broker_ids>("BrokerIds", "0+"),
  };
  return kFields;
}

FieldList CreatePartitionsRequest::Topic::fields() {
  static constexpr Field kFields[] = {
      field<&Topic::name>("Name", "0+"),
      field<&Topic::count>("Count", "0+"),
      field<&Topic::assignments>("Assignments", "0+", {.nullable = "0+"}),
  };
  return kFields;
}

FieldList CreatePartitionsRequest::fields() {
  static constexpr Field kFields[] = {
      field<&CreatePartitionsRequest::topics>("Topics", "0+"),
      field<&CreatePartitionsRequest::timeout_ms>("TimeoutMs", "0+"),
      field<&CreatePartitionsRequest::validate_only>("ValidateOnly", "0+"),
  };
  return kFields;
}

FieldList CreatePartitionsResponse::Topic::fields() {
  static constexpr Field kFields[] = {
      field<&Topic::name>("Name", "0+"),
      field<&Topic::error_code>("ErrorCode", "0+"),
      field<&Topic::error_message>("ErrorMessage", "0+", {.nullable = "0+"}),
  };
  return kFields;
}

FieldList CreatePartitionsResponse::fields() {
  static constexpr Field kFields[] = {
      field<&CreatePartitionsResponse::throttle_time_ms>("ThrottleTimeMs", "0+"),
      field<&CreatePartitionsResponse::results>("Results", "0+"),
  };
  return kFields;
}

}  // namespace streamhouse::wire
