#pragma once
/// \file  DeleteRecords (API key 21): raises the log start of partitions.

#include "wire/api_key.h"
#include "wire/codec/type.h"
#include "wire/error_code.h"

namespace streamhouse::wire {

struct DeleteRecordsRequest {
  static constexpr ApiKey kKey = ApiKey::kDeleteRecords;

  struct Partition {
    std::int32_t partition_index = 0;
    std::int64_t offset = 0;  ///< the log start wanted; -1: the high watermark
    static FieldList fields();
  };

  struct Topic {
    String name = {};
    Array<Partition> partitions = {};
    static FieldList fields();
  };

  Array<Topic> topics = {};
  std::int32_t timeout_ms = 0;
  static FieldList fields();
};

struct DeleteRecordsResponse {
  static constexpr ApiKey kKey = ApiKey::kDeleteRecords;

  struct Partition {
    std::int32_t partition_index = 0;
    std::int64_t low_watermark = 0;  ///< the log start now; -1 with an error
    ErrorCode error_code = {};
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
