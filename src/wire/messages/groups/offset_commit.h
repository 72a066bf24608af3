#pragma once
/// \file  OffsetCommit (API key 8): a group's positions, to be kept.

#include "wire/api_key.h"
#include "wire/codec/type.h"
#include "wire/error_code.h"

namespace streamhouse::wire {

struct OffsetCommitRequest {
  static constexpr ApiKey kKey = ApiKey::kOffsetCommit;

  struct Partition {
    std::int32_t partition_index = 0;
    std::int64_t committed_offset = 0;
    std::int32_t committed_leader_epoch = -1;
    NullableString committed_metadata = {};  ///< anything; comes back with the offset
    static FieldList fields();
  };

  struct Topic {
    String name = {};
    Uuid topic_id = {};
    Array<Partition> partitions = {};
    static FieldList fields();
  };

  String group_id = {};
  std::int32_t generation_id_or_member_epoch = -1;  ///< -1: no member commits this
  String member_id = {};
  NullableString group_instance_id = {};
  std::int64_t retention_time_ms = -1;  ///< -1: as the broker is set
  Array<Topic> topics = {};
  static FieldList fields();
};

struct OffsetCommitResponse {
  static constexpr ApiKey kKey = ApiKey::kOffsetCommit;

  struct Partition {
    std::int32_t partition_index = 0;
    ErrorCode error_code = {};
    static FieldList fields();
  };

  struct Topic {
    String name = {};
    Uuid topic_id = {};
    Array<Partition> partitions = {};
    static FieldList fields();
  };

  std::int32_t throttle_time_ms = 0;
  Array<Topic> topics = {};
  static FieldList fields();
};

}  // namespace streamhouse::wire
