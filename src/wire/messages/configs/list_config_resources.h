#pragma once
/// \file  ListConfigResources (API key 74): what has a configuration.

#include "wire/api_key.h"
#include "wire/codec/type.h"
#include "wire/error_code.h"

namespace streamhouse::wire {

struct ListConfigResourcesRequest {
  static constexpr ApiKey kKey = ApiKey::kListConfigResources;

  Array<std::int8_t> resource_types = {};  ///< empty: all
  static FieldList fields();
};

struct ListConfigResourcesResponse {
  static constexpr ApiKey kKey = ApiKey::kListConfigResources;

  struct ConfigResource {
    String resource_name = {};
    std::int8_t resource_type = 16;  ///< client metrics, the only ones in v0
    static FieldList fields();
  };

  std::int32_t throttle_time_ms = 0;
  ErrorCode error_code = {};
  Array<ConfigResource> config_resources = {};
  static FieldList fields();
};

}  // namespace streamhouse::wire
