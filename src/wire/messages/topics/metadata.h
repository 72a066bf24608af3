#pragma once
/// \file  Metadata (API key 3): which brokers and topics there are, and who leads which partition.

#include "wire/api_key.h"
#include "wire/codec/type.h"
#include "wire/error_code.h"
#include "wire/messages/authorized_operations.h"

namespace streamhouse::wire {

struct MetadataRequest {
  static constexpr ApiKey kKey = ApiKey::kMetadata;

  struct Topic {
    Uuid topic_id = {};        ///< zero: by name
    NullableString name = "";  ///< null from v10
    static FieldList fields();
  };

  NullableArray<Topic> topics = Array<Topic>{};  ///< null: all; empty: none, but all in v0
  bool allow_auto_topic_creation = true;         ///< before v4 always
  bool include_cluster_authorized_operations = false;
  bool include_topic_authorized_operations = false;
  static FieldList fields();
};

struct MetadataResponse {
  static constexpr ApiKey kKey = ApiKey::kMetadata;

  struct Broker {
    std::int32_t node_id = 0;
    String host = {};
    std::int32_t port = 0;
    NullableString rack = {};
    static FieldList fields();
  };

  struct Partition {
    ErrorCode error_code = {};
    std::int32_t partition_index = 0;
    std::int32_t leader_id = 0;  ///< -1: none
    std::int32_t leader_epoch = -1;
    Array<std::int32_t> replica_nodes = {};
    Array<std::int32_t> isr_nodes = {};  ///< in sync
    Array<std::int32_t> offline_replicas = {};
    static FieldList fields();
  };

  struct Topic {
    ErrorCode error_code = {};
    NullableString name = "";  ///< null from v12
    Uuid topic_id = {};
    bool is_internal = false;
    Array<Partition> partitions = {};
    std::int32_t topic_authorized_operations = kOperationsNotAsked;
    static FieldList fields();
  };

  std::int32_t throttle_time_ms = 0;
  Array<Broker> brokers = {};
  NullableString cluster_id = {};
  std::int32_t controller_id = -1;
  Array<Topic> topics = {};
  std::int32_t cluster_authorized_operations = kOperationsNotAsked;
  ErrorCode error_code = {};  ///< of the whole answer
  static FieldList fields();
};

}  // namespace streamhouse::wire
