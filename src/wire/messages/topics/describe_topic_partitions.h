#pragma once
/// \file  DescribeTopicPartitions (API key 75): the partitions of topics, a page at a time.

#include "wire/api_key.h"
#include "wire/codec/type.h"
#include "wire/error_code.h"
#include "wire/messages/authorized_operations.h"

namespace streamhouse::wire {

/// Where a page begins. Not inside the messages: std::optional needs it whole.
struct PartitionCursor {
  String topic_name = {};
  std::int32_t partition_index = 0;
  static FieldList fields();
};

struct DescribeTopicPartitionsRequest {
  static constexpr ApiKey kKey = ApiKey::kDescribeTopicPartitions;

  struct Topic {
    String name = {};
    static FieldList fields();
  };

  Array<Topic> topics = {};
  std::int32_t response_partition_limit = 2000;  ///< how many in one answer
  std::optional<PartitionCursor> cursor = {};    ///< where to go on; null: from the beginning
  static FieldList fields();
};

struct DescribeTopicPartitionsResponse {
  static constexpr ApiKey kKey = ApiKey::kDescribeTopicPartitions;

  struct Partition {
    ErrorCode error_code = {};
    std::int32_t partition_index = 0;
    std::int32_t leader_id = 0;
    std::int32_t leader_epoch = -1;
    Array<std::int32_t> replica_nodes = {};
    Array<std::int32_t> isr_nodes = {};  ///< in sync
    NullableArray<std::int32_t> eligible_leader_replicas = {};
    NullableArray<std::int32_t> last_known_elr = {};  ///< eligible leader replicas
    Array<std::int32_t> offline_replicas = {};
    static FieldList fields();
  };

  struct Topic {
    ErrorCode error_code = {};
    NullableString name = {};
    Uuid topic_id = {};
    bool is_internal = false;
    Array<Partition> partitions = {};
    std::int32_t topic_authorized_operations = kOperationsNotAsked;
    static FieldList fields();
  };

  std::int32_t throttle_time_ms = 0;
  Array<Topic> topics = {};
  std::optional<PartitionCursor> next_cursor = {};  ///< null: that was all
  static FieldList fields();
};

}  // namespace streamhouse::wire
