#pragma once
/// \file  AlterConfigs (API key 33): replaces the configuration of topics and brokers.

#include "wire/api_key.h"
#include "wire/codec/type.h"
#include "wire/error_code.h"

namespace streamhouse::wire {

struct AlterConfigsRequest {
  static constexpr ApiKey kKey = ApiKey::kAlterConfigs;

  struct Config {
    String name = {};
    NullableString value = {};
    static FieldList fields();
  };

  struct Resource {
    std::int8_t resource_type = 0;  ///< 2: topic, 4: broker
    String resource_name = {};
    Array<Config> configs = {};  ///< all that the resource shall have
    static FieldList fields();
  };

  Array<Resource> resources = {};
  bool validate_only = false;
  static FieldList fields();
};

struct AlterConfigsResponse {
  static constexpr ApiKey kKey = ApiKey::kAlterConfigs;

  struct Resource {
    ErrorCode error_code = {};
    NullableString error_message = {};
    std::int8_t resource_type = 0;
    String resource_name = {};
    static FieldList fields();
  };

  std::int32_t throttle_time_ms = 0;
  Array<Resource> responses = {};
  static FieldList fields();
};

}  // namespace streamhouse::wire
