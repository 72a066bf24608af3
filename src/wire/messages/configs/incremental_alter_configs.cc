#include "wire/messages/configs/incremental_alter_configs.h"

namespace streamhouse::wire {

FieldList IncrementalAlterConfigsRequest::Config::fields() {
  static constexpr Field kFields[] = {
      field<&Config::name>("Name", "0+"),
      field<&Config::config_operation>("ConfigOperation", "0+"),
      field<&Config::value>("Value", "0+", {.nullable = "0+"}),
  };
  return kFields;
}

FieldList IncrementalAlterConfigsRequest::Resource::fields() {
  static constexpr Field kFields[] = {
      field<&Resource::resource_type>("ResourceType", "0+"),
      field<&Resource::resource_name>("ResourceName", "0+"),
      field<&Resource::configs>("Configs", "0+"),
  };
  return kFields;
}

FieldList IncrementalAlterConfigsRequest::fields() {
  static constexpr Field kFields[] = {
      field<&IncrementalAlterConfigsRequest::resources>("Resources", "0+"),
      field<&IncrementalAlterConfigsRequest::validate_only>("ValidateOnly", "0+"),
  };
  return kFields;
}

FieldList IncrementalAlterConfigsResponse::Resource::fields() {
  static constexpr Field kFields[] = {
      field<&Resource::error_code>("ErrorCode", "0+"),
      field<&Resource::error_message>("ErrorMessage", "0+", {.nullable = "0+"}),
      field<&Resource::resource_type>("ResourceType", "0+"),
      field<&Resource::resource_name>("ResourceName", "0+"),
  };
  return kFields;
}

FieldList IncrementalAlterConfigsResponse::fields() {
  static constexpr Field kFields[] = {
      field<&IncrementalAlterConfigsResponse::throttle_time_ms>("ThrottleTimeMs", "0+"),
      field<&IncrementalAlterConfigsResponse::responses>("Responses", "0+"),
  };
  return kFields;
}

}  // namespace streamhouse::wire
