#pragma once
/// \file  DescribeLogDirs (API key 35): how much partitions take, for each log directory.

#include "wire/api_key.h"
#include "wire/codec/type.h"
#include "wire/error_code.h"

namespace streamhouse::wire {

struct DescribeLogDirsRequest {
  static constexpr ApiKey kKey = ApiKey::kDescribeLogDirs;

  struct Topic {
    String topic = {};
    Array<std::int32_t> partitions = {};
    static FieldList fields();
  };

  NullableArray<Topic> topics = {};  ///< null: all
  static FieldList fields();
};

struct DescribeLogDirsResponse {
  static constexpr ApiKey kKey = ApiKey::kDescribeLogDirs;

  struct Partition {
    std::int32_t partition_index = 0;
    std::int64_t partition_size = 0;  ///< bytes
    std::int64_t offset_lag = 0;      ///< of a replica that is being moved
    bool is_future_key = false;
    static FieldList fields();
  };

  struct Topic {
    String name = {};
    Array<Partition> partitions = {};
    static FieldList fields();
  };

  struct LogDir {
    ErrorCode error_code = {};
    String log_dir = {};
    Array<Topic> topics = {};
    std::int64_t total_bytes = -1;   ///< of the volume; -1: unknown
    std::int64_t usable_bytes = -1;  ///< as total_bytes
    static FieldList fields();
  };

  std::int32_t throttle_time_ms = 0;
  ErrorCode error_code = {};
  Array<LogDir> results = {};
  static FieldList fields();
};

}  // namespace streamhouse::wire
