#pragma once
/// \file  OffsetDelete (API key 47): forgets positions of a group.

#include "wire/api_key.h"
#include "wire/codec/type.h"
#include "wire/error_code.h"

namespace streamhouse::wire {

struct OffsetDeleteRequest {
  static constexpr ApiKey kKey = ApiKey::kOffsetDelete;

  struct Partition {
    std::int32_t partition_index = 0;
    static FieldList fields();
  };

  struct Topic {
    String name = {};
    Array<Partition> partitions = {};
    static FieldList fields();
  };

  String group_id = {};
  Array<Topic> topics = {};
  static FieldList fields();
};

struct OffsetDeleteResponse {
  static constexpr ApiKey kKey = ApiKey::kOffsetDelete;

  struct Partition {
    std::int32_t partition_index = 0;
    ErrorCode error_code = {};
    static FieldList fields();
  };

  struct Topic {
    String name = {};
    Array<Partition> partitions = {};
    static FieldList fields();
  };

  ErrorCode error_code = {};
  std::int32_t throttle_time_ms = 0;
  Array<Topic> topics = {};
  static FieldList fields();
};

}  // namespace streamhouse::wire
