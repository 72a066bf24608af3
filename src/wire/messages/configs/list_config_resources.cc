#include "wire/messages/configs/list_config_resources.h"

namespace streamhouse::wire {

FieldList ListConfigResourcesRequest::fields() {
  static constexpr Field kFields[] = {
      field<&ListConfigResourcesRequest::resource_types>("ResourceTypes", "1+"),
  };
  return kFields;
}

FieldList ListConfigResourcesResponse::ConfigResource::fields() {
  static constexpr Field kFields[] = {
      field<&ConfigResource::resource_name>("ResourceName", "0+"),
      field<&ConfigResource::resource_type>("ResourceType", "1+"),
  };
  return kFields;
}

FieldList ListConfigResourcesResponse::fields() {
  static constexpr Field kFields[] = {
      field<&ListConfigResourcesResponse::throttle_time_ms>("ThrottleTimeMs", "0+"),
      field<&ListConfigResourcesResponse::error_code>("ErrorCode", "0+"),
      field<&ListConfigResourcesResponse::config_resources>("ConfigResources", "0+"),
  };
  return kFields;
}

}  // namespace streamhouse::wire
