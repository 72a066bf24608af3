#include "wire/messages/cluster/create_acls.h"

namespace streamhouse::wire {

FieldList CreateAclsRequest::Creation::fields() {
  static constexpr Field kFields[] = {
      field<&Creation::resource_type>("ResourceType", "0+"),
      field<&Creation::resource_name>("ResourceName", "0+"),
      field<&Creation::resource_pattern_type>("ResourcePatternType", "1+"),
      field<&Creation::principal>("Principal", "0+"),
      field<&Creation::host>("Host", "0+"),
      field<&Creation::operation>("Operation", "0+"),
      field<&Creation::permission_type>("PermissionType", "0+"),
  };
  return kFields;
}

FieldList CreateAclsRequest::fields() {
  static constexpr Field kFields[] = {
      field<&CreateAclsRequest::creations>("Creations", "0+"),
  };
  return kFields;
}

FieldList CreateAclsResponse::Result::fields() {
  static constexpr Field kFields[] = {
      field<&Result::error_code>("ErrorCode", "0+"),
      field<&Result::error_message>("ErrorMessage", "0+", {.nullable = "0+"}),
  };
  return kFields;
}

FieldList CreateAclsResponse::fields() {
  static constexpr Field kFields[] = {
      field<&CreateAclsResponse::throttle_time_ms>("ThrottleTimeMs", "0+"),
      field<&CreateAclsResponse::results>("Results", "0+"),
  };
  return kFields;
}

}  // namespace streamhouse::wire
