#pragma once
/// \file  IncrementalAlterConfigs (API key 44): changes single settings of topics and brokers.

#include "wire/api_key.h"
#include "wire/codec/type.h"
#include "wire/error_code.h"

namespace streamhouse::wire {

struct IncrementalAlterConfigsRequest {
  static constexpr ApiKey kKey = ApiKey::kIncrementalAlterConfigs;

  struct Config {
    String name = {};
    std::int8_t config_operation = 0;  ///< 0: set, 1: delete, 2: append, 3: subtract
    NullableString value = {};
    static FieldList fields();
  };

  struct Resource {
    std::int8_t resource_type = 0;  ///< 2: topic, 4: broker
    String resource_name = {};
    Array<Config> configs = {};
    static FieldList fields();
  };

  Array<Resource> resources = {};
  bool validate_only = false;
  static FieldList fields();
};

struct IncrementalAlterConfigsResponse {
  static constexpr ApiKey kKey = ApiKey::kIncrementalAlterConfigs;

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
