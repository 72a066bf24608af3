#pragma once
/// \file  ListOffsets (API key 2): the offset that belongs to a time, or to an end of the log.

#include "wire/api_key.h"
#include "wire/codec/type.h"
#include "wire/error_code.h"

namespace streamhouse::wire {

struct ListOffsetsRequest {
  static constexpr ApiKey kKey = ApiKey::kListOffsets;

  struct Partition {
    std::int32_t partition_index = 0;
    std::int32_t current_leader_epoch = -1;
    std::int64_t timestamp = 0;  ///< ms; -1 latest, -2 earliest, -3 of the greatest timestamp
    static FieldList fields();
  };

  struct Topic {
    String name = {};
    Array<Partition> partitions = {};
    static FieldList fields();
  };

  std::int32_t replica_id = 0;      ///< -1: a consumer
  std::int8_t isolation_level = 0;  ///< as in Fetch
  Array<Topic> topics = {};
  std::int32_t timeout_ms = 0;
  static FieldList fields();
};

struct ListOffsetsResponse {
  static constexpr ApiKey kKey = ApiKey::kListOffsets;

  struct Partition {
    std::int32_t partition_index = 0;
    ErrorCode error_code = {};
    std::int64_t timestamp = -1;  ///< of the record found; -1: none, or not asked for
    std::int64_t offset = -1;     ///< -1: no such record
    std::int32_t leader_epoch = -1;
    static FieldList fields();
  };

  struct Topic {
    String name = {};
    Array<Partition> partitions = {};
    static FieldList fields();
  };

  std::int32_t throttle_time_ms = 0;
  Array<Topic> topics = {};
  static FieldList fields();
};

}  // namespace streamhouse::wire
