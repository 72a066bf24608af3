#pragma once
/// \file  OffsetForLeaderEpoch (API key 23): where a leader epoch ended, so that a client notices
/// lost records.

#include "wire/api_key.h"
#include "wire/codec/type.h"
#include "wire/error_code.h"

namespace streamhouse::wire {

struct OffsetForLeaderEpochRequest {
  static constexpr ApiKey kKey = ApiKey::kOffsetForLeaderEpoch;

  struct Partition {
    std::int32_t partition = 0;
    std::int32_t current_leader_epoch = -1;
    std::int32_t leader_epoch = 0;  ///< the one asked about
    static FieldList fields();
  };

  struct Topic {
    String topic = {};
    Array<Partition> partitions = {};
    static FieldList fields();
  };

  std::int32_t replica_id = -2;  ///< -1: a consumer
  Array<Topic> topics = {};
  static FieldList fields();
};

struct OffsetForLeaderEpochResponse {
  static constexpr ApiKey kKey = ApiKey::kOffsetForLeaderEpoch;

  struct Partition {
    ErrorCode error_code = {};
    std::int32_t partition = 0;
    std::int32_t leader_epoch = -1;  ///< the greatest epoch up to the one asked about; -1: unknown
    std::int64_t end_offset = -1;    ///< where it ended
    static FieldList fields();
  };

  struct Topic {
    String topic = {};
    Array<Partition> partitions = {};
    static FieldList fields();
  };

  std::int32_t throttle_time_ms = 0;
  Array<Topic> topics = {};
  static FieldList fields();
};

}  // namespace streamhouse::wire
