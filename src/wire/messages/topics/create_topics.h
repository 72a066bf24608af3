#pragma once
/// \file  CreateTopics (API key 19): makes topics.

#include "wire/api_key.h"
#include "wire/codec/type.h"
#include "wire/error_code.h"

namespace streamhouse::wire {

struct CreateTopicsRequest {
  static constexpr ApiKey kKey = ApiKey::kCreateTopics;

  struct Assignment {
    std::int32_t partition_index = 0;
    Array<std::int32_t> broker_ids = {};
    static FieldList fields();
  };

  struct Config {
    String name = {};
    NullableString value = {};
    static FieldList fields();
  };

  struct Topic {
    String name = {};
    std::int32_t num_partitions = 0;      ///< -1: the default, or as many as assignments
    std::int16_t replication_factor = 0;  ///< -1: the default, or as in assignments
    Array<Assignment> assignments = {};
    Array<Config> configs = {};
    static FieldList fields();
  };

  Array<Topic> topics = {};
  std::int32_t timeout_ms = 60000;
  bool validate_only = false;
  static FieldList fields();
};

struct CreateTopicsResponse {
  static constexpr ApiKey kKey = ApiKey::kCreateTopics;

  struct Config {
    String name = {};
    NullableString value = {};
    bool read_only = false;
    std::int8_t config_source = -1;
    bool is_sensitive = false;
    static FieldList fields();
  };

  struct Topic {
    String name = {};
    Uuid topic_id = {};
    ErrorCode error_code = {};
    NullableString error_message = {};
    ErrorCode topic_config_error_code = {};  ///< why configs are not shown
    std::int32_t num_partitions = -1;        ///< -1 with an error
    std::int16_t replication_factor = -1;    ///< -1 with an error
    NullableArray<Config> configs = {};
    static FieldList fields();
  };

  std::int32_t throttle_time_ms = 0;
  Array<Topic> topics = {};
  static FieldList fields();
};

}  // namespace streamhouse::wire
