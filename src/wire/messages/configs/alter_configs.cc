#include "wire/messages/configs/alter_configs.h"

namespace streamhouse::wire {

FieldList AlterConfigsRequest::Config::fields() {
  static constexpr Field kFields[] = {
      field<&Config::name>("Name", "0+"),
      field<&Config::value>("Value", "0+", {.nullable = "0+"}),
  };
  return kFields;
}

FieldList AlterConfigsRequest::Resource::fields() {
  static constexpr Field kFields[] = {
      field<&Resource::resource_type>("ResourceType", "0+"),
      field<&Resource::resource_name>("ResourceName", "0+"),
      field<&Resource::configs>("Configs", "0+"),
  };
  return kFields;
}

FieldList AlterConfigsRequest::fields() {
  static constexpr Field kFields[] = {
      field<&AlterConfigsRequest::resources>("Resources", "0+"),
      field<&AlterConfigsRequest::validate_only>("ValidateOnly", "0+"),
  };
  return kFields;
}

FieldList AlterConfigsResponse::Resource::fields() {
  static constexpr Field kFields[] = {
      field<&Resource::error_code>("ErrorCode", "0+"),
      field<&Resource::error_message>("ErrorMessage", "0+", {.nullable = "0+"}),
      field<&Resource::resource_type>("ResourceType", "0+"),
      field<&Resource::resource_name>("ResourceName", "0+"),
  };
  return kFields;
}

FieldList AlterConfigsResponse::fields() {
  static constexpr Field kFields[] = {
      field<&AlterConfigsResponse::throttle_time_ms>("ThrottleTimeMs", "0+"),
      field<&AlterConfigsResponse::responses>("Responses", "0+"),
  };
  return kFields;
}

}  // namespace streamhouse::wire
