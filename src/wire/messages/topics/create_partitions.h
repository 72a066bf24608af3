#pragma once
/// \file  CreatePartitions (API key 37): gives topics more partitions.

#include "wire/api_key.h"
#include "wire/codec/type.h"
#include "wire/error_code.h"

namespace streamhouse::wire {

struct CreatePartitionsRequest {
  static constexpr ApiKey kKey = ApiKey::kCreatePartitions;

  struct Assignment {
    Array<std::int32_t> broker_ids = {};
    static FieldList fields();
  };

  struct Topic {
    String name = {};
    std::int32_t count = 0;                      ///< the new total
    NullableArray<Assignment> assignments = {};  ///< null: the broker chooses
    static FieldList fields();
  };

  Array<Topic> topics = {};
  std::int32_t timeout_ms = 0;
  bool validate_only = false;
  static FieldList fields();
};

struct CreatePartitionsResponse {
  static constexpr ApiKey kKey = ApiKey::kCreatePartitions;

  struct Topic {
    String name = {};
    ErrorCode error_code = {};
    NullableString error_message = {};
    static FieldList fields();
  };

  std::int32_t throttle_time_ms = 0;
  Array<Topic> results = {};
  static FieldList fields();
};

}  // namespace streamhouse::wire
