#pragma once
/// \file  OffsetFetch (API key 9): the positions that groups have committed.

#include "wire/api_key.h"
#include "wire/codec/type.h"
#include "wire/error_code.h"

namespace streamhouse::wire {

struct OffsetFetchRequest {
  static constexpr ApiKey kKey = ApiKey::kOffsetFetch;

  struct Topic {
    String name = {};
    Array<std::int32_t> partition_indexes = {};
    static FieldList fields();
  };

  struct GroupTopic {
    String name = {};
    Uuid topic_id = {};
    Array<std::int32_t> partition_indexes = {};
    static FieldList fields();
  };

  struct Group {
    String group_id = {};
    NullableString member_id = {};
    std::int32_t member_epoch = -1;
    NullableArray<GroupTopic> topics = {};  ///< null: all
    static FieldList fields();
  };

  String group_id = {};                          ///< up to v7: one group
  NullableArray<Topic> topics = Array<Topic>{};  ///< null, from v2: all
  Array<Group> groups = {};                      ///< from v8: many
  bool require_stable = false;                   ///< refuse where a transaction is open
  static FieldList fields();
};

struct OffsetFetchResponse {
  static constexpr ApiKey kKey = ApiKey::kOffsetFetch;

  struct Partition {
    std::int32_t partition_index = 0;
    std::int64_t committed_offset = 0;  ///< -1: none
    std::int32_t committed_leader_epoch = -1;
    NullableString metadata = {};
    ErrorCode error_code = {};
    static FieldList fields();
  };

  struct Topic {
    String name = {};
    Array<Partition> partitions = {};
    static FieldList fields();
  };

  struct GroupPartition {
    std::int32_t partition_index = 0;
    std::int64_t committed_offset = 0;  ///< -1: none
    std::int32_t committed_leader_epoch = -1;
    NullableString metadata = {};
    ErrorCode error_code = {};
    static FieldList fields();
  };

  struct GroupTopic {
    String name = {};
    Uuid topic_id = {};
    Array<GroupPartition> partitions = {};
    static FieldList fields();
  };

  struct Group {
    String group_id = {};
    Array<GroupTopic> topics = {};
    ErrorCode error_code = {};
    static FieldList fields();
  };

  std::int32_t throttle_time_ms = 0;
  Array<Topic> topics = {};  ///< up to v7
  ErrorCode error_code = {};
  Array<Group> groups = {};  ///< from v8
  static FieldList fields();
};

}  // namespace streamhouse::wire
