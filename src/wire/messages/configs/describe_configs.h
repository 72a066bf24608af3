#pragma once
/// \file  DescribeConfigs (API key 32): the configuration of topics and brokers.

#include "wire/api_key.h"
#include "wire/codec/type.h"
#include "wire/error_code.h"

namespace streamhouse::wire {

struct DescribeConfigsRequest {
  static constexpr ApiKey kKey = ApiKey::kDescribeConfigs;

  struct Resource {
    std::int8_t resource_type = 0;  ///< 2: topic, 4: broker
    String resource_name = {};
    NullableArray<String> configuration_keys = {};  ///< null: all
    static FieldList fields();
  };

  Array<Resource> resources = {};
  bool include_synonyms = false;
  bool include_documentation = false;
  static FieldList fields();
};

struct DescribeConfigsResponse {
  static constexpr ApiKey kKey = ApiKey::kDescribeConfigs;

  struct Synonym {
    String name = {};
    NullableString value = {};
    std::int8_t source = 0;  ///< as config_source
    static FieldList fields();
  };

  struct Config {
    String name = {};
    NullableString value = {};
    bool read_only = false;
    std::int8_t config_source = -1;  ///< 1: of the topic, 4: of the broker's file, 5: default
    bool is_sensitive = false;
    Array<Synonym> synonyms = {};
    std::int8_t config_type = 0;
    NullableString documentation = {};
    static FieldList fields();
  };

  struct Resource {
    ErrorCode error_code = {};
    NullableString error_message = {};
    std::int8_t resource_type = 0;
    String resource_name = {};
    Array<Config> configs = {};
    static FieldList fields();
  };

  std::int32_t throttle_time_ms = 0;
  Array<Resource> results = {};
  static FieldList fields();
};

}  // namespace streamhouse::wire
