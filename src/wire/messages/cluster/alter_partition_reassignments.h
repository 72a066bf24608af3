#pragma once
/// \file  AlterPartitionReassignments (API key 45): asks for other replicas of partitions.

#include "wire/api_key.h"
#include "wire/codec/type.h"
#include "wire/error_code.h"

namespace streamhouse::wire {

struct AlterPartitionReassignmentsRequest {
  static constexpr ApiKey kKey = ApiKey::kAlterPartitionReassignments;

  struct Partition {
    std::int32_t partition_index = 0;
    NullableArray<std::int32_t> replicas = {};  ///< null: cancel what is going on
    static FieldList fields();
  };

  struct Topic {
    String name = {};
    Array<Partition> partitions = {};
    static FieldList fields();
  };

  std::int32_t timeout_ms = 60000;
  bool allow_replication_factor_change = true;
  Array<Topic> topics = {};
  static FieldList fields();
};

struct AlterPartitionReassignmentsResponse {
  static constexpr ApiKey kKey = ApiKey::kAlterPartitionReassignments;

  struct Partition {
    std::int32_t partition_index = 0;
    ErrorCode error_code = {};
    NullableString error_message = {};
    static FieldList fields();
  };

  struct Topic {
    String name = {};
    Array<Partition> partitions = {};
    static FieldList fields();
  };

  std::int32_t throttle_time_ms = 0;
  bool allow_replication_factor_change = true;
  ErrorCode error_code = {};
  NullableString error_message = {};
  Array<Topic> responses = {};
  static FieldList fields();
};

}  // namespace streamhouse::wire
