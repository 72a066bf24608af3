#pragma once
/// \file  ListPartitionReassignments (API key 46): the reassignments that are going on.

#include "wire/api_key.h"
#include "wire/codec/type.h"
#include "wire/error_code.h"

namespace streamhouse::wire {

struct ListPartitionReassignmentsRequest {
  static constexpr ApiKey kKey = ApiKey::kListPartitionReassignments;

  struct Topic {
    String name = {};
    Array<std::int32_t> partition_indexes = {};
    static FieldList fields();
  };

  std::int32_t timeout_ms = 60000;
  NullableArray<Topic> topics = {};  ///< null: all
  static FieldList fields();
};

struct ListPartitionReassignmentsResponse {
  static constexpr ApiKey kKey = ApiKey::kListPartitionReassignments;

  struct Partition {
    std::int32_t partition_index = 0;
    Array<std::int32_t> replicas = {};
    Array<std::int32_t> adding_replicas = {};
    Array<std::int32_t> removing_replicas = {};
    static FieldList fields();
  };

  struct Topic {
    String name = {};
    Array<Partition> partitions = {};
    static FieldList fields();
  };

  std::int32_t throttle_time_ms = 0;
  ErrorCode error_code = {};
  NullableString error_message = {};
  Array<Topic> topics = {};
  static FieldList fields();
};

}  // namespace streamhouse::wire
